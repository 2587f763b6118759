// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.virtualethernet.NatLab.Type;
import org.sparegrid.virtualethernet.network.KeyPair;

/// Machines behind real nftables routers of every kind find each other.
@Tag("root")
class NatMatrixIT {
    /// Six searches at random ports: two of a hundred fail on a quiet computer, more on a busy one.
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    @TempDir private Path folder;

    /// What was seen from one kind to another.
    private final Map<List<Type>, Times> seen = new HashMap<>();

    private record Times(long heardMillis, long directMillis) {
        Times slower(Times other) {
            return new Times(
                    Math.max(heardMillis, other.heardMillis),
                    Math.max(directMillis, other.directMillis));
        }

        @Override
        public String toString() {
            return heardMillis + "/" + (directMillis == Long.MAX_VALUE ? "relay" : directMillis);
        }
    }

    @Test
    void meetInFifteenPairsOfSixKinds() throws Exception {
        run(
                List.of(
                        Type.EIM,
                        Type.SYMMETRIC,
                        Type.CONE,
                        Type.INPUT_ACCEPT,
                        Type.ONLY_443,
                        Type.IPV6));
    }

    @Test
    void meetThroughTheLoopOfTheirRouter() throws Exception {
        run(List.of(Type.HAIRPIN, Type.HAIRPIN, Type.EIM, Type.CONE));
    }

    /// Every kind against every other and against its own, six machines at a time: more would
    /// measure how the computer copes with its load.
    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void meetInAllPairsOfAllKinds() throws Exception {
        List<Type> all = List.of(Type.values());
        List<List<Type>> threes = new ArrayList<>();
        for (int i = 0; i < all.size(); i += 3) {
            threes.add(all.subList(i, Math.min(i + 3, all.size())));
        }
        for (int i = 0; i < threes.size(); i++) {
            for (List<Type> other : threes.subList(i, threes.size())) {
                run(Stream.concat(threes.get(i).stream(), other.stream()).toList());
            }
        }
    }

    private void run(List<Type> types) throws Exception {
        KeyPair relay = KeyPair.generate();
        List<KeyPair> keys = types.stream().map(_ -> KeyPair.generate()).toList();
        List<String> members = keys.stream().map(each -> each.publicKey().toString()).toList();
        List<LabProcess> nodes = new ArrayList<>();
        String certificate = NatLabStreams.newCertificate(Files.createTempDirectory(folder, "lab"));
        try (NatLab lab = new NatLab()) {
            try {
                nodes.add(
                        new LabProcess(
                                lab.core(),
                                NatLabNode.class,
                                words(List.of("relay", secret(relay), certificate), members)));
                await(nodes, node -> node.events.containsKey("ready"));
                for (int i = 0; i < types.size(); i++) {
                    List<String> head =
                            List.of(
                                    "" + (i + 1),
                                    secret(keys.get(i)),
                                    "https://"
                                            + (types.get(i) == Type.IPV6
                                                    ? "[" + NatLab.RELAY_IPV6 + "]"
                                                    : NatLab.RELAY),
                                    relay.publicKey().toString(),
                                    certificate);
                    nodes.add(
                            new LabProcess(
                                    lab.add(types.get(i)), NatLabNode.class, words(head, members)));
                }
                await(nodes, node -> node.events.containsKey("ready"));
                for (LabProcess node : nodes.subList(1, nodes.size())) {
                    node.say("");
                }
                List<LabProcess> machines = nodes.subList(1, nodes.size());
                for (int i = 0; i < types.size(); i++) {
                    for (int j = 0; j < types.size(); j++) {
                        if (i != j) {
                            check(types, machines, i, j);
                        }
                    }
                }
                keep(types, machines);
            } finally {
                for (LabProcess node : nodes) {
                    node.close();
                }
            }
        }
    }

    private static void check(List<Type> types, List<LabProcess> machines, int from, int to)
            throws InterruptedException {
        String peer = "node" + (to + 1);
        boolean canMeet = canMeet(types.get(from), types.get(to));
        LabProcess other = machines.get(to);
        try {
            await(
                    List.of(machines.get(from)),
                    node ->
                            node.events.containsKey("heard " + peer)
                                    && (!canMeet || node.events.containsKey("direct " + peer)));
        } catch (AssertionError tooLong) {
            throw new AssertionError(types.get(to) + " says " + other.events, tooLong);
        }
        assertThat(machines.get(from).events.containsKey("direct " + peer))
                .as("%s to %s is direct", types.get(from), types.get(to))
                .isEqualTo(canMeet);
    }

    /// The others talk through the relay: both ports are unknown, or no UDP gets out, or they have
    /// no addresses of one family.
    private static boolean canMeet(Type one, Type other) {
        boolean symmetric = one == Type.SYMMETRIC && other == Type.SYMMETRIC;
        List<Type> closed = List.of(Type.NO_UDP, Type.ONLY_443);
        return !symmetric
                && !closed.contains(one)
                && !closed.contains(other)
                && (one == Type.IPV6) == (other == Type.IPV6);
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds(LabProcess node);
    }

    private static void await(List<LabProcess> nodes, Condition condition)
            throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (LabProcess node : nodes) {
            while (!condition.holds(node)) {
                assertThat(node.process.isAlive()).isTrue();
                assertThat(System.nanoTime()).as("%s", node.events).isLessThan(deadline);
                Thread.sleep(20);
            }
        }
    }

    /// Notes the slowest of each pair of kinds.
    private void keep(List<Type> types, List<LabProcess> machines) {
        for (int i = 0; i < types.size(); i++) {
            for (int j = 0; j < types.size(); j++) {
                if (i != j) {
                    Map<String, Long> events = machines.get(i).events;
                    long heard = events.get("heard node" + (j + 1));
                    long direct = events.getOrDefault("direct node" + (j + 1), Long.MAX_VALUE);
                    seen.merge(
                            List.of(types.get(i), types.get(j)),
                            new Times(heard, direct),
                            Times::slower);
                }
            }
        }
    }

    @AfterEach
    void print() {
        Set<Type> types = new TreeSet<>();
        seen.keySet().forEach(types::addAll);
        StringBuilder text = new StringBuilder("milliseconds until heard / until direct\n");
        text.append(String.format("%-8s", ""));
        types.forEach(type -> text.append(String.format("%13s", type.label)));
        for (Type from : types) {
            text.append(String.format("%n%-8s", from.label));
            for (Type to : types) {
                Times times = seen.get(List.of(from, to));
                text.append(String.format("%13s", times == null ? "" : times));
            }
        }
        System.getLogger(NatMatrixIT.class.getName()).log(System.Logger.Level.INFO, text::toString);
    }

    private static String secret(KeyPair keys) {
        return Base64.getEncoder().encodeToString(keys.privateKey().bytes());
    }

    private static List<String> words(List<String> head, List<String> tail) {
        return Stream.concat(head.stream(), tail.stream()).toList();
    }
}
