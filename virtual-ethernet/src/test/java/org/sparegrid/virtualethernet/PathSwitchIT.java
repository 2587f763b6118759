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
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.virtualethernet.NatLab.Type;
import org.sparegrid.virtualethernet.network.KeyPair;

/// Two machines behind nftables routers, with a frame every 10 ms between them, whose direct path
/// is cut and given back again and again.
@Tag("root")
class PathSwitchIT {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    /// What may be lost when a direct path is cut: 7.5 s, docs/specification.md. It is counted in
    /// frames, which a slow computer sends later.
    private static final int LOST_MAX = 750;

    private static final String FIRST = "11.0.1.2";
    private static final String SECOND = "11.0.2.2";

    @TempDir private Path folder;

    @Test
    void losesNothingOnUpgradesAndLittleOnCuts() throws Exception {
        cycle(2);
    }

    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void losesNothingOnTwentyUpgrades() throws Exception {
        cycle(20);
    }

    private void cycle(int times) throws Exception {
        KeyPair relay = KeyPair.generate();
        KeyPair first = KeyPair.generate();
        KeyPair second = KeyPair.generate();
        List<String> keys = List.of(first.publicKey().toString(), second.publicKey().toString());
        String certificate = NatLabStreams.newCertificate(folder);
        List<String> relayed = new ArrayList<>(List.of("relay", secret(relay), certificate));
        relayed.addAll(keys);
        StringBuilder figures = new StringBuilder("lost on upgrade / on cut:");
        try (NatLab lab = new NatLab();
                LabProcess server = new LabProcess(lab.core(), NatLabNode.class, relayed)) {
            server.await(PATIENCE_NANOS, events -> events.containsKey("ready"));
            try (LabProcess receiver = node(lab, 2, second, relay, certificate, keys);
                    LabProcess sender = node(lab, 1, first, relay, certificate, keys)) {
                int began = awaitHeard(sender, receiver);
                for (int i = 0; i < times; i++) {
                    awaitDirect(sender, 1);
                    TimeUnit.SECONDS.sleep(1);
                    int cut = awaitHeard(sender, receiver);
                    int upgrade = missing(receiver, began, cut);
                    assertThat(upgrade).as("lost until direct, round %s", i).isZero();
                    lab.part(FIRST, SECOND);
                    awaitDirect(sender, 0);
                    began = awaitHeard(sender, receiver);
                    int lost = missing(receiver, cut + 1, began);
                    assertThat(lost).as("lost on cut, round %s", i).isBetween(1, LOST_MAX);
                    lab.join();
                    figures.append(' ').append(upgrade).append('/').append(lost);
                    began++;
                }
            }
        } finally {
            System.getLogger(PathSwitchIT.class.getName())
                    .log(System.Logger.Level.INFO, figures::toString);
        }
    }

    /// Waits until the second machine has heard something that was sent after now; its number.
    private static int awaitHeard(LabProcess sender, LabProcess receiver) throws Exception {
        long sent = sender.ask("sent", "sent", PATIENCE_NANOS);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        long heard = receiver.ask("heard", "heard", PATIENCE_NANOS);
        while (heard < Math.max(1, sent)) {
            assertThat(System.nanoTime()).as("heard %s of %s", heard, sent).isLessThan(deadline);
            Thread.sleep(50);
            heard = receiver.ask("heard", "heard", PATIENCE_NANOS);
        }
        return Math.toIntExact(heard);
    }

    private static int missing(LabProcess receiver, int from, int to) throws Exception {
        return Math.toIntExact(receiver.ask(from + " " + to, "missing", PATIENCE_NANOS));
    }

    private static void awaitDirect(LabProcess sender, long wanted) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (sender.ask("path", "direct", PATIENCE_NANOS) != wanted) {
            assertThat(System.nanoTime()).as("direct is not %s", wanted).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static LabProcess node(
            NatLab lab,
            int number,
            KeyPair own,
            KeyPair relay,
            String certificate,
            List<String> keys)
            throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "" + number,
                                secret(own),
                                relay.publicKey().toString(),
                                certificate));
        arguments.addAll(keys);
        LabProcess process = new LabProcess(lab.add(Type.EIM), PathSwitchNode.class, arguments);
        process.await(PATIENCE_NANOS, events -> events.containsKey("ready"));
        return process;
    }

    private static String secret(KeyPair keys) {
        return Base64.getEncoder().encodeToString(keys.privateKey().bytes());
    }
}
