// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

/// Measures one core.
///
/// The work of one round is 50,000 steps, each an integer part (xorshift64*, with a table of 32 KiB
/// looked up and changed at random) and a floating point part (a rotation of a vector by a fixed
/// angle). The score is how many rounds a second pass, best of several, in thousandths of the
/// reference core's 2,000 rounds. Source: docs/operations/seller.md, the CPU score.
public final class CpuScore {
    /// What scores 1000: close to a desktop core of 2020 at 4 GHz.
    static final double REFERENCE_ROUNDS_PER_SECOND = 2000;

    private static final int STEPS = 50_000;
    private static final int TABLE = 4096;
    private static final long SPAN_NANOS = 200_000_000;
    private static final int SPANS = 5;

    private CpuScore() {}

    /// Takes about a second and returns the score.
    public static int measure() {
        double best = 0;
        long check = 0;
        for (int span = 0; span < SPANS; span++) {
            long begin = System.nanoTime();
            long now = begin;
            int rounds = 0;
            while (now - begin < SPAN_NANOS) {
                check += round(rounds);
                rounds++;
                now = System.nanoTime();
            }
            best = Math.max(best, rounds * 1e9 / (now - begin));
        }
        // Using the result keeps the compiler from leaving the work out.
        return score(check == 0 ? best + 1e-9 : best);
    }

    static int score(double roundsPerSecond) {
        return (int) Math.round(1000 * roundsPerSecond / REFERENCE_ROUNDS_PER_SECOND);
    }

    /// One round of work, whose result depends on every step.
    static long round(long seed) {
        long[] table = new long[TABLE];
        long state = seed * 0x9E3779B97F4A7C15L + 1;
        double x = 1;
        double y = 0;
        for (int i = 0; i < STEPS; i++) {
            state ^= state >>> 12;
            state ^= state << 25;
            state ^= state >>> 27;
            int slot = (int) ((state * 0x2545F4914F6CDD1DL) >>> 52);
            table[slot] += state;
            state ^= table[slot] >>> 7;
            double turned = x * 0.8 - y * 0.6;
            y = x * 0.6 + y * 0.8;
            x = turned;
        }
        return state ^ Double.doubleToLongBits(x + y);
    }
}
