// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.virtualethernet.NatLab.Type;
import org.sparegrid.virtualethernet.network.KeyPair;

/// Two machines whose way leads over a link that carries less than Ethernet does, and on which
/// neither routers' complaints nor fragments come through, as on many real ones.
@Tag("root")
class PathMtuIT {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(100);
    private static final int CHUNKS = 320;
    private static final String NONE = PathMtuNode.NONE;
    private static final List<String> NO_RELAY = List.of(NONE, NONE, NONE);

    @TempDir private Path folder;

    @Test
    void copiesOverNarrowLinksThatSwallowIcmpAndFragments() throws Exception {
        KeyPair first = KeyPair.generate();
        KeyPair second = KeyPair.generate();
        try (NatLab lab = new NatLab()) {
            String one = lab.add(Type.OPEN);
            String two = lab.add(Type.OPEN);
            lab.swallowFragmentsAndIcmp(1);
            lab.swallowFragmentsAndIcmp(2);
            lab.narrow(2, 1400);
            List<String> members =
                    List.of(
                            first.publicKey().toString(),
                            "11.0.1.2",
                            second.publicKey().toString(),
                            "11.0.2.2");
            try (LabProcess receiver = node(two, 2, second, NO_RELAY, members);
                    LabProcess sender = node(one, 1, first, NO_RELAY, members)) {
                receiver.await(PATIENCE_NANOS, events -> events.containsKey("ready"));
                sender.await(PATIENCE_NANOS, events -> events.containsKey("ready"));
                copy(sender);
                awaitMtu(sender, 1400);
                lab.narrow(2, 1280);
                copy(sender);
                awaitMtu(sender, 1280);
                copy(sender);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EIM", "NO_UDP"})
    void copiesThroughARelayOverNarrowLegsThatSwallowIcmpAndFragments(Type ofSender)
            throws Exception {
        KeyPair relay = KeyPair.generate();
        KeyPair first = KeyPair.generate();
        KeyPair second = KeyPair.generate();
        List<String> keys = List.of(first.publicKey().toString(), second.publicKey().toString());
        List<String> members = List.of(keys.get(0), NONE, keys.get(1), NONE);
        String certificate = NatLabStreams.newCertificate(folder);
        List<String> relayed = new ArrayList<>(List.of("relay", secret(relay), certificate));
        relayed.addAll(keys);
        List<String> way =
                List.of(relay.publicKey().toString(), "https://" + NatLab.RELAY + "/", certificate);
        try (NatLab lab = new NatLab();
                LabProcess server = new LabProcess(lab.core(), NatLabNode.class, relayed)) {
            server.await(PATIENCE_NANOS, events -> events.containsKey("ready"));
            String one = lab.add(ofSender);
            String two = lab.add(Type.EIM);
            lab.part("11.0.1.2", "11.0.2.2");
            lab.swallowFragmentsAndIcmp(1);
            lab.swallowFragmentsAndIcmp(2);
            lab.swallowFragmentsAndIcmpAtRelay();
            lab.narrowInside(2, 1400);
            try (LabProcess receiver = node(two, 2, second, way, members);
                    LabProcess sender = node(one, 1, first, way, members)) {
                receiver.await(PATIENCE_NANOS, events -> events.containsKey("ready"));
                sender.await(PATIENCE_NANOS, events -> events.containsKey("ready"));
                copy(sender);
                awaitMtu(sender, 1400);
                lab.narrowInside(ofSender == Type.EIM ? 1 : 2, 1280);
                copy(sender);
                awaitMtu(sender, 1280);
                copy(sender);
                assertThat(sender.events).containsEntry("relayed", 1L);
            }
        }
    }

    private static void copy(LabProcess sender) throws Exception {
        sender.events.remove("sent");
        sender.say("" + CHUNKS);
        // A little traffic that was asked for before may still be reported.
        sender.await(PATIENCE_NANOS, events -> events.getOrDefault("sent", 0L) == CHUNKS * 65_536L);
    }

    /// Asks for it once a second with a little traffic, as nothing is measured in silence.
    private static void awaitMtu(LabProcess sender, long mtu) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (sender.events.getOrDefault("mtu", -1L) != mtu) {
            assertThat(System.nanoTime()).as("%s", sender.events).isLessThan(deadline);
            sender.say("1");
            Thread.sleep(1000);
        }
    }

    private static LabProcess node(
            String namespace, int number, KeyPair keys, List<String> relay, List<String> members)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of("" + number, secret(keys)));
        arguments.addAll(relay);
        arguments.addAll(members);
        return new LabProcess(namespace, PathMtuNode.class, arguments);
    }

    private static String secret(KeyPair keys) {
        return Base64.getEncoder().encodeToString(keys.privateKey().bytes());
    }
}
