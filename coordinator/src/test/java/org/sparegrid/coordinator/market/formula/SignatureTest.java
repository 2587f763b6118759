// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class SignatureTest {
    private static final DataSize NONE = new DataSize(0);

    /// The table of the patent's description, with hours as its intervals.
    private static final Signature PATENT =
            new Signature(
                    List.of(
                            new Availability(0.3, 0),
                            new Availability(0.4, 0.1),
                            new Availability(0.5, 0.2),
                            new Availability(0.4, 0.3)),
                    Duration.ofHours(1));

    private static final Node ONE = new Node(new Speed(1), new Bandwidth(1));

    @Test
    void f10WalksThePatentsTable() {
        assertThat(hours(PATENT, new Task(1, NONE, NONE))).isCloseTo(2.6, within(1e-6));
        assertThat(hours(PATENT, new Task(0, megabytes(50), NONE))).isCloseTo(1.5, within(1e-6));
        assertThat(hours(PATENT, new Task(1, megabytes(50), NONE))).isCloseTo(3.75, within(1e-6));
        assertThat(hours(PATENT, new Task(1, megabytes(50), megabytes(20))))
                .isCloseTo(3.816667, within(1e-6));
    }

    @Test
    void startsAnywhereInTheCycle() {
        assertThat(
                        PATENT.completion(
                                new Task(0.2, NONE, NONE), ONE, Duration.ofMinutes(4 * 60 + 210)))
                .contains(Duration.ofMinutes(30));
    }

    @Test
    void neverEndsIfAProviderIsNeverThere() {
        Signature absent = Signature.week(new Availability(0.5, 0));
        assertThat(absent.completion(new Task(1, megabytes(1), NONE), ONE, Duration.ZERO))
                .isEmpty();
        assertThat(absent.completion(new Task(1, NONE, NONE), ONE, Duration.ZERO))
                .contains(Duration.ofHours(2));
    }

    @Test
    void theWalkIsTheIntegralOfWhatIsAvailable() {
        Property.holds(
                500,
                random -> {
                    List<Availability> bins = new ArrayList<>();
                    for (int i = 0; i <= random.nextInt(8); i++) {
                        bins.add(
                                new Availability(
                                        random.nextBoolean() ? 0 : random.nextDouble(), 0));
                    }
                    bins.add(new Availability(0.3, 0));
                    Signature signature = new Signature(bins, Duration.ofHours(1));
                    Duration start = Duration.ofMinutes(random.nextInt(2000));
                    double work = random.nextDouble(0.01, 60);
                    Duration took =
                            signature
                                    .completion(new Task(work, NONE, NONE), ONE, start)
                                    .orElseThrow();
                    assertThat(signature.cpuOver(start, took) * took.toNanos() / 3.6e12)
                            .isCloseTo(work, within(1e-6));
                });
    }

    /// A machine of an office: busy by day, idle at night, and off on some weekends.
    @Test
    void foretellsAWeekBetterThanTheMeanDoes() {
        Property.holds(
                50,
                random -> {
                    Signature signature = Signature.week(new Availability(0.5, 0.5));
                    double sum = 0;
                    int weeks = 12;
                    for (int i = 0; i < weeks; i++) {
                        List<Availability> seen = week(random);
                        signature = signature.after(seen);
                        sum += seen.stream().mapToDouble(Availability::cpu).sum();
                    }
                    double mean = sum / weeks / Signature.WEEK_HOURS;
                    List<Availability> held = week(random);
                    double ours = 0;
                    double means = 0;
                    for (int i = 0; i < held.size(); i++) {
                        ours += square(held.get(i).cpu() - signature.bins().get(i).cpu());
                        means += square(held.get(i).cpu() - mean);
                    }
                    assertThat(ours).isLessThan(means / 2);
                });
    }

    @Test
    void refusesAWeekOfAnotherLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PATENT.after(List.of(Availability.ALWAYS)))
                .withMessage("signature: expected 4 bins, got 1");
    }

    private static List<Availability> week(RandomGenerator random) {
        List<Availability> week = new ArrayList<>();
        for (int hour = 0; hour < Signature.WEEK_HOURS; hour++) {
            boolean busy = hour / 24 < 5 && hour % 24 >= 8 && hour % 24 < 18;
            double usual = busy ? 0.2 : 0.9;
            double cpu = Math.clamp(usual + 0.15 * random.nextGaussian(), 0, 1);
            week.add(new Availability(cpu, cpu));
        }
        return week;
    }

    private static double square(double x) {
        return x * x;
    }

    private static DataSize megabytes(long number) {
        return new DataSize(number * 1_000_000);
    }

    private static double hours(Signature signature, Task task) {
        return signature.completion(task, ONE, Duration.ZERO).orElseThrow().toNanos() / 3.6e12;
    }
}
