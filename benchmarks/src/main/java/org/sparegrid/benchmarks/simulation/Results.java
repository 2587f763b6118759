// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What came of it, hour by hour and by reliability.
final class Results {
    private final List<Hour> hours = new ArrayList<>();
    private final List<Level> levels;

    Results(double... reliabilities) {
        levels = Arrays.stream(reliabilities).mapToObj(Level::new).toList();
    }

    /// One hour.
    ///
    /// @param idle computers that their owners left alone, on average
    /// @param leased those of them that a buyer had
    /// @param wanted machines that were ordered
    /// @param refused those of them that were not to be had at the buyers' price
    /// @param low the price of a core's hour that a tenth of the machines cost less than, in
    ///   credits; not a number if none was sold
    /// @param median that of one half
    /// @param high that of nine tenths
    record Hour(
            double idle,
            double leased,
            long wanted,
            long refused,
            double low,
            double median,
            double high) {
        double unsoldShare() {
            return idle == 0 ? 0 : 1 - leased / idle;
        }
    }

    /// Nodes of one reliability, of those that count.
    static final class Level {
        final double asked;
        long ordered;
        long made;
        long ended;
        long kept;
        long machines;
        double believed;
        double price;

        Level(double asked) {
            this.asked = asked;
        }

        /// What the market believed of the nodes that it made, on average.
        double promised() {
            return made == 0 ? 0 : believed / made;
        }

        double delivered() {
            return ended == 0 ? 0 : (double) kept / ended;
        }

        /// The ends of the interval that holds the true share 19 times out of 20.
        ///
        /// Source: Wilson, Probable inference, Journal of the American Statistical Association,
        /// 1927.
        double[] interval() {
            if (ended == 0) {
                return new double[] {0, 1};
            }
            double z = 1.96;
            double n = ended;
            double middle = (delivered() + z * z / (2 * n)) / (1 + z * z / n);
            double half =
                    z
                            * Math.sqrt(delivered() * (1 - delivered()) / n + z * z / (4 * n * n))
                            / (1 + z * z / n);
            return new double[] {middle - half, middle + half};
        }
    }

    /// Prices of one hour, in steps of one part in a hundred.
    static final class Prices {
        private static final double STEP = Math.log(1.01);
        private static final double LEAST = 1e-5;
        private final int[] counts = new int[1600];
        private int all;

        void add(double credits, int machines) {
            int step = (int) (Math.log(Math.max(credits, LEAST) / LEAST) / STEP);
            counts[Math.min(step, counts.length - 1)] += machines;
            all += machines;
        }

        double quantile(double share) {
            long below = 0;
            for (int i = 0; i < counts.length; i++) {
                below += counts[i];
                if (below > 0 && below >= share * all) {
                    return LEAST * Math.exp((i + 0.5) * STEP);
                }
            }
            return Double.NaN;
        }
    }

    void add(Hour hour) {
        hours.add(hour);
    }

    List<Hour> hours() {
        return hours;
    }

    List<Level> levels() {
        return levels;
    }

    /// The share of the idle time from an hour on that nobody bought.
    double unsold(int fromHour) {
        double idle = 0;
        double leased = 0;
        for (Hour hour : hours.subList(fromHour, hours.size())) {
            idle += hour.idle;
            leased += hour.leased;
        }
        return idle == 0 ? 0 : 1 - leased / idle;
    }

    /// The share of the machines ordered from an hour on that could not be had.
    double refused(int fromHour) {
        long wanted = 0;
        long refused = 0;
        for (Hour hour : hours.subList(fromHour, hours.size())) {
            wanted += hour.wanted;
            refused += hour.refused;
        }
        return wanted == 0 ? 0 : (double) refused / wanted;
    }
}
