// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What the members of one network count, random but repeatable: three machines, of which the first
/// and the last are one owner's, and their buyer's computer.
final class TrafficHistory {
    static final int MACHINES = 3;
    static final int MEMBERS = MACHINES + 1;

    /// Between two readings of a member.
    static final long STEP_MILLIS = 10_000;

    private static final int[] BUSY = {1, 1, 4, 2};
    private static final int BYTES = 1_000_000;

    private final List<List<Step>> steps = new ArrayList<>();

    /// What a member says at once: its running totals by peer.
    ///
    /// @param since which attachment this is about
    record Step(long since, long[] sent, long[] received) {}

    TrafficHistory(long seed, int count) {
        for (int member = 0; member < MEMBERS; member++) {
            steps.add(history(new Random(seed + member), member, count));
        }
    }

    /// The traffic in megabytes that suffices for the first two machines and not for the third.
    static long megabytesMax(int count) {
        return 9L * count;
    }

    private static List<Step> history(Random random, int self, int count) {
        List<Step> all = new ArrayList<>();
        long since = 0;
        long[] sent = new long[MEMBERS];
        long[] received = new long[MEMBERS];
        for (int i = 0; i < count; i++) {
            if (random.nextInt(15) == 0) {
                since += 1 + random.nextInt(9);
                sent = new long[MEMBERS];
                received = new long[MEMBERS];
            }
            for (int peer = 0; peer < MEMBERS; peer++) {
                if (peer != self) {
                    int most = BYTES * BUSY[self] * BUSY[peer];
                    sent[peer] += random.nextInt(most);
                    received[peer] += random.nextInt(most);
                }
            }
            all.add(new Step(since, sent.clone(), received.clone()));
        }
        return all;
    }

    Step step(int member, int number) {
        return steps.get(member).get(number);
    }

    int count() {
        return steps.getFirst().size();
    }

    /// What a member had counted in all after so many steps, both ways.
    long counted(int member, int done) {
        long sum = 0;
        for (int peer = 0; peer < MEMBERS; peer++) {
            sum += total(member, peer, done, true) + total(member, peer, done, false);
        }
        return sum;
    }

    /// What both ends counted of a machine's traffic, if the members are that far.
    long agreed(int machine, int[] done) {
        long sum = 0;
        for (int peer = 0; peer < MEMBERS; peer++) {
            boolean oneOwner = machine != 1 && peer != 1 && peer < MACHINES;
            if (peer != machine && !oneOwner) {
                sum +=
                        Math.min(
                                total(machine, peer, done[machine], true),
                                total(peer, machine, done[peer], false));
                sum +=
                        Math.min(
                                total(machine, peer, done[machine], false),
                                total(peer, machine, done[peer], true));
            }
        }
        return sum;
    }

    private long total(int member, int peer, int done, boolean sent) {
        long sum = 0;
        for (int i = 0; i < done; i++) {
            boolean last = i + 1 == done || step(member, i + 1).since() != step(member, i).since();
            if (last) {
                Step step = step(member, i);
                sum += sent ? step.sent()[peer] : step.received()[peer];
            }
        }
        return sum;
    }
}
