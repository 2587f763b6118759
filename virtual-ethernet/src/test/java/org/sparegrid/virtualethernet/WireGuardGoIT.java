// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.sparegrid.virtualethernet.AttachmentSpec.Role;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.port.TapPort;
import org.sparegrid.virtualethernet.session.Timers;

/// The overlay beside wireguard-go and the kernel's VXLAN, which know nothing of us.
@Tag("root")
class WireGuardGoIT {
    private static final byte[] NO_PSK = PresharedKey.NONE.bytes();

    private final KeyPair keys = KeyPair.generate();
    private WireGuardGoHost host;
    private VirtualEthernet ethernet;
    private Attachment attachment;
    private Member us;

    @BeforeEach
    void openHost() throws Exception {
        host = new WireGuardGoHost();
    }

    @AfterEach
    void closeAll() throws Exception {
        if (ethernet != null) {
            ethernet.close();
        }
        host.close();
    }

    /// Joins with a TAP device, and lets wireguard-go join; who knows whose address is given.
    private void join(
            Timers timers, PresharedKey ours, byte[] theirs, boolean weKnow, boolean theyKnow)
            throws Exception {
        ethernet = VirtualEthernet.open(new VirtualEthernet.Config(0), timers);
        us = host.member(1, keys);
        Member them =
                weKnow ? host.member(2, host.keys, host.endpoint()) : host.member(2, host.keys);
        attachment =
                ethernet.attach(
                        new AttachmentSpec(keys, Role.HOST, ours, Duration.ZERO),
                        new TapPort("sgtap" + ProcessHandle.current().pid()));
        attachment.update(host.map(1, us, them));
        String[] settings =
                theyKnow
                        ? new String[] {"endpoint", host.ours() + ":" + ethernet.port()}
                        : new String[0];
        host.join(them, us, theirs, settings);
    }

    @Test
    void theyInitiateAndBothSidesPing() throws Exception {
        join(Timers.STANDARD, PresharedKey.NONE, NO_PSK, false, true);
        assertThat(host.pings(host.inner(1), "-c", "5", "-i", "0.2", "-w", "30")).isTrue();
        assertThat(attachment.ping("node2", Duration.ofSeconds(20))).isPresent();
        assertThat(attachment.peers().getFirst().endpoint()).contains(host.endpoint());
    }

    @Test
    void weInitiateAndBothSidesPing() throws Exception {
        join(Timers.STANDARD, PresharedKey.NONE, NO_PSK, true, false);
        assertThat(attachment.ping("node2", Duration.ofSeconds(20))).isPresent();
        assertThat(host.pings(host.inner(1), "-c", "5", "-i", "0.2", "-w", "30")).isTrue();
        assertThat(host.show("latest-handshakes")).doesNotEndWith("\t0");
    }

    @Test
    void packetsOfTheFullMtuPassAndLargerOnesAreRefused() throws Exception {
        join(Timers.STANDARD, PresharedKey.NONE, NO_PSK, true, true);
        assertThat(host.pings(host.inner(1), "-c", "1", "-w", "30")).isTrue();
        assertThat(host.pings(host.inner(1), "-c", "1", "-W", "3", "-M", "do", "-s", "1342"))
                .isTrue();
        assertThat(host.pings(host.inner(1), "-c", "1", "-W", "1", "-M", "do", "-s", "1343"))
                .isFalse();
        assertThat(host.pings(host.inner(1), "-c", "2", "-w", "30", "-s", "4000")).isTrue();
    }

    @Test
    void usesThePresharedKey() throws Exception {
        PresharedKey secret = PresharedKey.of(KeyPair.generate().privateKey().bytes());
        join(Timers.STANDARD, secret, secret.bytes(), true, true);
        assertThat(attachment.ping("node2", Duration.ofSeconds(20))).isPresent();
    }

    @Test
    void refusesAnotherPresharedKey() throws Exception {
        PresharedKey secret = PresharedKey.of(KeyPair.generate().privateKey().bytes());
        join(Timers.STANDARD, secret, NO_PSK, true, true);
        assertThat(attachment.ping("node2", Duration.ofSeconds(3))).isEmpty();
        assertThat(host.pings(host.inner(1), "-c", "1", "-W", "2")).isFalse();
    }

    @Test
    void renewsSessionsWithoutLosingAPing() throws Exception {
        Timers hasty =
                new Timers(
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(180),
                        Duration.ofSeconds(90),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(120),
                        1L << 60,
                        1L << 62,
                        200);
        join(hasty, PresharedKey.NONE, NO_PSK, true, false);
        assertThat(attachment.ping("node2", Duration.ofSeconds(20))).isPresent();
        Set<Optional<Instant>> sessions = new HashSet<>();
        for (int i = 0; i < 80; i++) {
            assertThat(attachment.ping("node2", Duration.ofSeconds(20))).isPresent();
            sessions.add(attachment.peers().getFirst().lastHandshake());
            Thread.sleep(100);
        }
        assertThat(sessions).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void roamsWithThePeer() throws Exception {
        join(Timers.STANDARD, PresharedKey.NONE, NO_PSK, true, true);
        assertThat(attachment.ping("node2", Duration.ofSeconds(20))).isPresent();
        host.listenOn(WireGuardGoHost.PORT + 1);
        assertThat(host.pings(host.inner(1), "-c", "3", "-i", "0.2", "-w", "30")).isTrue();
        assertThat(attachment.ping("node2", Duration.ofSeconds(20))).isPresent();
        assertThat(attachment.peers().getFirst().endpoint())
                .contains(
                        new InetSocketAddress(
                                host.endpoint().getAddress(), WireGuardGoHost.PORT + 1));
    }

    @Test
    void asksForACookieUnderLoad() throws Exception {
        Timers s = Timers.STANDARD;
        Timers loaded =
                new Timers(
                        s.rekeyAfter(),
                        s.rejectAfter(),
                        s.attemptFor(),
                        s.retryAfter(),
                        s.keepaliveAfter(),
                        s.cookieLife(),
                        s.rekeyAfterMessages(),
                        s.rejectAfterMessages(),
                        0);
        join(loaded, PresharedKey.NONE, NO_PSK, false, true);
        // The first initiation is answered by a cookie, the second, 5 seconds later, shows it.
        assertThat(host.pings(host.inner(1), "-c", "1", "-W", "1")).isFalse();
        assertThat(host.show("latest-handshakes")).endsWith("\t0");
        boolean answered = false;
        for (int i = 0; i < 20 && !answered; i++) {
            answered = host.pings(host.inner(1), "-c", "1", "-W", "1");
        }
        assertThat(answered).isTrue();
    }

    /// With `-Dwireguard.minutes=60` for an hour.
    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void lastsWithRekeysRoamingAndAPresharedKey() throws Exception {
        int minutes = Integer.getInteger("wireguard.minutes", 7);
        PresharedKey secret = PresharedKey.of(KeyPair.generate().privateKey().bytes());
        join(Timers.STANDARD, secret, secret.bytes(), false, true);
        assertThat(host.pings(host.inner(1), "-c", "1", "-w", "30")).isTrue();
        Set<Optional<Instant>> sessions = new HashSet<>();
        int roamed = 0;
        int asked = 0;
        int lost = 0;
        Instant end = Instant.now().plus(Duration.ofMinutes(minutes));
        while (Instant.now().isBefore(end)) {
            if (++asked % 150 == 0) {
                roamed++;
                host.listenOn(WireGuardGoHost.PORT + roamed);
            }
            boolean heard =
                    asked % 2 == 0
                            ? host.pings(host.inner(1), "-c", "1", "-W", "2")
                            : attachment.ping("node2", Duration.ofSeconds(2)).isPresent();
            lost += heard ? 0 : 1;
            sessions.add(attachment.peers().getFirst().lastHandshake());
            Thread.sleep(1000);
        }
        System.out.printf(
                "wireguard-go: %d minutes, %d sessions, roamed %d times, %d of %d pings lost%n",
                minutes, sessions.size(), roamed, lost, asked);
        assertThat(sessions.size()).isGreaterThan(minutes / 3);
        // A ping of ours that follows a move goes where they were.
        assertThat(lost).isLessThanOrEqualTo(roamed);
        assertThat(attachment.peers().getFirst().endpoint().orElseThrow().getPort())
                .isEqualTo(WireGuardGoHost.PORT + roamed);
    }
}
