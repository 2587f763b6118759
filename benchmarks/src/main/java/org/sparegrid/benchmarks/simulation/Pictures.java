// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// The pictures of what came of a simulation.
final class Pictures {
    private static final String BLUE = "#1f6fb4";
    private static final String LIGHT = "#cfe3f3";
    private static final String ORANGE = "#d9731a";
    private static final String GREY = "#8a8a8a";
    private static final int DAY_HOURS = 24;
    private static final int PERCENT = 100;

    /// The nodes that fail, of which the others are the reliability.
    private static final double[] SHARES = {
        0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005
    };

    private final Results results;
    private final String size;
    private final double[] hours;
    private final Chart.Axis days;

    Pictures(Results results, int sellers) {
        this.results = results;
        this.size = "%,d sellers".formatted(sellers);
        this.hours = IntStream.range(0, results.hours().size()).asDoubleStream().toArray();
        List<Chart.Tick> ticks = new ArrayList<>();
        String[] names = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};
        for (int day = 0; day * DAY_HOURS < hours.length; day++) {
            ticks.add(new Chart.Tick(day * DAY_HOURS, names[day % 7]));
        }
        this.days = new Chart.Axis("begin of the day, UTC", 0, hours.length, false, ticks);
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("reliability.svg"), reliability().svg());
        Files.writeString(folder.resolve("capacity.svg"), capacity().svg());
        Files.writeString(folder.resolve("unsold.svg"), unsold().svg());
        Files.writeString(folder.resolve("prices.svg"), prices().svg());
    }

    private Chart reliability() {
        List<Chart.Tick> ticks = new ArrayList<>();
        for (double share : SHARES) {
            ticks.add(new Chart.Tick(share, percent(1 - share)));
        }
        double most = 0.3;
        double least = 0.0003;
        Chart.Axis asked =
                new Chart.Axis("reliability that was asked for", most, least, true, ticks);
        Chart.Axis got = new Chart.Axis("nodes that ran to their end", most, least, true, ticks);
        List<Results.Level> levels = results.levels();
        double[] xs = levels.stream().mapToDouble(level -> 1 - level.asked).toArray();
        return new Chart("Reliability asked and delivered, " + size, asked, got)
                .line("as asked", GREY, new double[] {most, least}, new double[] {most, least})
                .line(
                        "as promised, on average",
                        ORANGE,
                        xs,
                        levels.stream().mapToDouble(level -> 1 - level.promised()).toArray())
                .points(
                        "delivered, with the interval of 95 %",
                        BLUE,
                        xs,
                        levels.stream().mapToDouble(level -> 1 - level.delivered()).toArray(),
                        levels.stream().mapToDouble(level -> 1 - level.interval()[0]).toArray(),
                        levels.stream().mapToDouble(level -> 1 - level.interval()[1]).toArray());
    }

    private static String percent(double share) {
        return "%s %%".formatted(Math.round(share * 1e4) / 1e2).replace(".0 ", " ");
    }

    private Chart capacity() {
        double[] idle = series(Results.Hour::idle);
        double most = java.util.Arrays.stream(idle).max().orElse(1);
        double unit = most >= 20_000 ? 1000 : 1;
        return new Chart(
                        "Idle computers and what of them was sold, " + size,
                        days,
                        Chart.Axis.upTo(
                                unit == 1 ? "computers" : "thousands of computers", most, unit))
                .area("idle, unsold", LIGHT, hours, idle)
                .area("sold", BLUE, hours, series(Results.Hour::leased));
    }

    private Chart unsold() {
        return new Chart(
                        "Capacity unsold and orders unmet, " + size,
                        days,
                        Chart.Axis.upTo("percent", PERCENT, 1))
                .line(
                        "idle computers that nobody bought",
                        BLUE,
                        hours,
                        series(hour -> PERCENT * hour.unsoldShare()))
                .line(
                        "ordered machines not to be had at the buyer's price",
                        ORANGE,
                        hours,
                        series(hour -> (double) PERCENT * hour.refused() / hour.wanted()));
    }

    private Chart prices() {
        double most =
                java.util.Arrays.stream(series(Results.Hour::high))
                        .filter(price -> !Double.isNaN(price))
                        .max()
                        .orElse(1);
        return new Chart(
                        "Prices of machines sold, " + size,
                        days,
                        Chart.Axis.upTo(
                                "thousandths of a credit for an hour of a core", most, 1e-3))
                .line("a tenth was cheaper", GREY, hours, series(Results.Hour::low))
                .line("median", BLUE, hours, series(Results.Hour::median))
                .line("a tenth was dearer", ORANGE, hours, series(Results.Hour::high));
    }

    private double[] series(ToDoubleFunction<Results.Hour> of) {
        return results.hours().stream().mapToDouble(of).toArray();
    }
}
