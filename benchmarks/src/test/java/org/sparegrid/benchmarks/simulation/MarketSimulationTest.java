// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small market of the same kind as the one of which the pictures in `docs/` were made.
class MarketSimulationTest {
    private static final int WEEK_HOURS = 168;
    private static final int SELLERS = 3000;

    /// The first two days don't count, as nobody is known. So few nodes can't tell 1 %: the bounds
    /// are wider here than in `bin/bench simulation`, and the seed is fixed.
    @Test
    void deliversTheReliabilityThatWasAskedFor() {
        Results results = simulate(1, 2);
        for (Results.Level level : results.levels()) {
            assertThat(level.ended).as("nodes of " + level.asked).isGreaterThan(100);
            assertThat(level.delivered()).as("" + level.asked).isGreaterThan(level.asked - 0.03);
        }
    }

    @Test
    void isTheSameWithTheSameSeed() {
        Results one = simulate(2, 1);
        Results two = simulate(2, 1);
        assertThat(one.hours()).isEqualTo(two.hours());
        assertThat(one.hours()).isNotEqualTo(simulate(3, 1).hours());
    }

    @Test
    void sellsWhatIsThereAndNoMore() {
        Results results = simulate(4, 1);
        assertThat(results.hours()).hasSize(WEEK_HOURS);
        for (Results.Hour hour : results.hours()) {
            assertThat(hour.leased()).isBetween(0.0, hour.idle());
            assertThat(hour.idle()).isBetween(0.0, (double) SELLERS);
            assertThat(hour.refused()).isBetween(0L, hour.wanted());
        }
        assertThat(results.unsold(24)).isBetween(0.01, 0.9);
    }

    @Test
    void drawsWellFormedPictures(@TempDir Path folder) throws Exception {
        new Pictures(simulate(5, 1), SELLERS).write(folder);
        for (String name : List.of("reliability", "capacity", "unsold", "prices")) {
            Path file = folder.resolve(name + ".svg");
            assertThat(root(file)).isEqualTo("svg");
            assertThat(Files.readString(file)).doesNotContain("NaN").doesNotContain("Infinity");
        }
    }

    private static String root(Path file) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file.toFile())
                .getDocumentElement()
                .getTagName();
    }

    private static Results simulate(long seed, int weeks) {
        return new Simulation(new Simulation.Setting(seed, SELLERS, weeks, 2, 48)).run();
    }
}
