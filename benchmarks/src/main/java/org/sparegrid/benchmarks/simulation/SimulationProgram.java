// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// Simulates a market, writes its pictures and prints its figures and one line for each goal.
///
/// Arguments: the folder for the pictures, sellers, weeks, seed.
public final class SimulationProgram {
    private static final int WEEK_HOURS = 168;
    private static final int NODES = 6;

    /// How far below what was asked for may be delivered.
    private static final double SHORT_MAX = 0.01;

    private SimulationProgram() {}

    public static void main(String[] args) throws IOException {
        int sellers = Integer.parseInt(args[1]);
        int weeks = Integer.parseInt(args[2]);
        long seed = Long.parseLong(args[3]);
        long start = System.nanoTime();
        Results results =
                new Simulation(new Simulation.Setting(seed, sellers, weeks, NODES, WEEK_HOURS))
                        .run();
        new Pictures(results, sellers).write(Path.of(args[0]));
        System.out.printf(
                Locale.ROOT,
                "%,d sellers, %d weeks, seed %d, in %d s%n",
                sellers,
                weeks,
                seed,
                Duration.ofNanos(System.nanoTime() - start).toSeconds());
        System.out.println("from the second week on:");
        for (Results.Level level : results.levels()) {
            System.out.printf(
                    Locale.ROOT,
                    "  asked %s: delivered %.4f (95 %%: %.4f to %.4f), promised %.4f; %d of %d nodes"
                            + " made of %.2f machines for %.4f an hour%n",
                    level.asked,
                    level.delivered(),
                    level.interval()[0],
                    level.interval()[1],
                    level.promised(),
                    level.made,
                    level.ordered,
                    (double) level.machines / level.made,
                    level.price / level.made);
        }
        System.out.printf(
                Locale.ROOT, "  idle capacity unsold %.1f %%%n", 100 * results.unsold(WEEK_HOURS));
        System.out.printf(
                Locale.ROOT,
                "  ordered machines refused %.1f %%%n",
                100 * results.refused(WEEK_HOURS));
        for (int week = 0; week < weeks; week++) {
            System.out.printf(
                    Locale.ROOT,
                    "  median price of a core's hour, week %d, Wednesday 12:00: %.5f, Sunday 03:00:"
                            + " %.5f%n",
                    week + 1,
                    results.hours().get(week * WEEK_HOURS + 60).median(),
                    results.hours().get(week * WEEK_HOURS + 147).median());
        }
        for (Results.Level level : results.levels()) {
            double least = level.asked - SHORT_MAX;
            System.out.printf(
                    Locale.ROOT,
                    "goal simulation-reliability-%s %.4f >=%.3f %s%n",
                    level.asked,
                    level.delivered(),
                    least,
                    level.delivered() >= least ? "pass" : "fail");
        }
    }
}
