// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Measures processors.
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
    private static final int SPANS_ONCE = 2;

    private CpuScore() {}

    /// Takes about a second and returns the score of one core.
    public static int measure() {
        return score(best(SPANS));
    }

    /// One of several measurements of one core.
    static double once() {
        return score(best(SPANS_ONCE));
    }

    /// One of several measurements of all cores: each does the same work at the same time, and
    /// their scores are added up.
    static double together(int cores) throws IOException {
        List<FutureTask<Double>> works = new ArrayList<>();
        for (int core = 0; core < cores; core++) {
            FutureTask<Double> work = new FutureTask<>(CpuScore::span);
            works.add(work);
            Thread.ofPlatform().name("benchmark-" + core).daemon().start(work);
        }
        double sum = 0;
        try {
            for (FutureTask<Double> work : works) {
                sum += work.get();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        } catch (ExecutionException failed) {
            throw new IOException("a core's work failed", failed);
        }
        return score(sum);
    }

    private static double best(int spans) {
        double best = 0;
        for (int i = 0; i < spans; i++) {
            best = Math.max(best, span());
        }
        return best;
    }

    /// Rounds a second, over one span.
    private static double span() {
        long check = 0;
        long begin = System.nanoTime();
        long now = begin;
        int rounds = 0;
        while (now - begin < SPAN_NANOS) {
            check += round(rounds);
            rounds++;
            now = System.nanoTime();
        }
        double speed = rounds * 1e9 / (now - begin);
        // Using the result keeps the compiler from leaving the work out.
        return check == 0 ? speed + 1e-9 : speed;
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
