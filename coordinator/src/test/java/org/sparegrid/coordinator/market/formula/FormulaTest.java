// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.testsupport.Property;

/// The formulas by number, with vectors that were computed apart from this program.
class FormulaTest {
    private static final Offset<Double> SIX_DIGITS = within(1e-6);
    private static final DataSize NONE = new DataSize(0);

    @ParameterizedTest
    @CsvSource({
        "0, 4.5",
        "1, 4.796",
        "10, 8.729526",
        "100, 64.935443",
        "1000, 868.058396",
        "10000, 12343.833751",
    })
    void f1PricesPowerByTheCurve(double power, double price) {
        assertThat(amount(PriceCurve.PATENT.perHour(new Speed(power))))
                .isCloseTo(price, SIX_DIGITS);
    }

    @Test
    void f2ChargesTheLegsThatAreDuplicatedAndOneThatIsNot() {
        Task task = new Task(0, gigabytes(2), gigabytes(1));
        Credits cost =
                Completion.transferCost(
                        Credits.parse("0.1"), task, new Reliability(0.99), new Reliability(0.9));
        assertThat(cost).isEqualTo(Credits.parse("0.9"));
    }

    @ParameterizedTest
    @CsvSource({
        "0.99, 0.9, 2",
        "0.999, 0.7, 6",
        "0.95, 0.5, 5",
        "0.9, 0.9, 1",
        "0.5, 0.9, 1",
        "0, 0, 1",
        "0.9, 0, 0",
        "0.999, 0.01, 0"
    })
    void f3CountsReplicasUpToASensibleNumber(double requested, double provider, int replicas) {
        assertThat(new Reliability(requested).replicas(new Reliability(provider)).orElse(0))
                .isEqualTo(replicas);
    }

    @Test
    void f4TakesAPremiumForMoreThanTheBaseline() {
        Tariff tariff = new Tariff(Credits.parse("0.001"), new Reliability(0.9));
        assertThat(tariff.premiumPerHour(new Speed(1000), 10, new Reliability(0.999)))
                .isEqualTo(Credits.parse("20"));
        assertThat(tariff.premiumPerHour(new Speed(1000), 10, new Reliability(0.9)))
                .isEqualTo(Credits.ZERO);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tariff.premiumPerHour(new Speed(1), 1, new Reliability(0.8)))
                .withMessageContaining("expected at least the baseline 0.9, got 0.8");
    }

    @Test
    void f5ToF7AgreeOnTheBandwidthThatIsNeeded() {
        Task task = new Task(10, gigabytes(2), gigabytes(1));
        Node wanted = node(0.8, 2);
        double needed =
                Completion.bandwidthNeeded(task, new Speed(2), 0.5, wanted)
                        .orElseThrow()
                        .gigabytesPerHour();
        assertThat(needed).isCloseTo(0.75, SIX_DIGITS);
        assertThat(hours(Completion.requested(task, wanted).orElseThrow()))
                .isCloseTo(14, SIX_DIGITS);
        assertThat(
                        hours(
                                Completion.expected(
                                                task,
                                                node(2, needed / 0.3),
                                                new Availability(0.5, 0.3))
                                        .orElseThrow()))
                .isCloseTo(14, SIX_DIGITS);
    }

    @Test
    void f7FindsNoBandwidthForAProcessorThatIsTooSlow() {
        Task task = new Task(10, gigabytes(2), gigabytes(1));
        assertThat(Completion.bandwidthNeeded(task, new Speed(2), 0.35, node(0.8, 2))).isEmpty();
        assertThat(Completion.bandwidthNeeded(task, new Speed(0), 1, node(0.8, 2))).isEmpty();
    }

    @Test
    void f7MakesTheExpectedTimeTheRequestedOne() {
        Property.holds(
                2000,
                random -> {
                    Task task =
                            new Task(
                                    random.nextDouble(0.1, 50),
                                    new DataSize(random.nextLong(1, 10_000_000_000L)),
                                    new DataSize(random.nextLong(10_000_000_000L)));
                    Node wanted = node(random.nextDouble(0.1, 8), random.nextDouble(0.1, 50));
                    Speed speed = new Speed(random.nextDouble(0.1, 8));
                    double present = random.nextDouble(0.1, 1);
                    var bandwidth = Completion.bandwidthNeeded(task, speed, present, wanted);
                    double requested = hours(Completion.requested(task, wanted).orElseThrow());
                    if (bandwidth.isEmpty()) {
                        assertThat(task.scuHours() / (speed.scu() * present))
                                .isGreaterThanOrEqualTo(requested - 1e-6);
                    } else {
                        double expected =
                                task.scuHours() / (speed.scu() * present)
                                        + task.data().gigabytes()
                                                / bandwidth.get().gigabytesPerHour();
                        assertThat(expected).isCloseTo(requested, within(requested * 1e-6));
                    }
                });
    }

    @Test
    void aCandidateTakesATenthLongerAtMost() {
        Task task = new Task(10, NONE, NONE);
        Node wanted = node(1, 0);
        assertThat(Completion.isCandidate(task, node(2, 0), new Availability(0.46, 0), wanted))
                .isTrue();
        assertThat(Completion.isCandidate(task, node(2, 0), new Availability(0.45, 0), wanted))
                .isFalse();
    }

    @Test
    void f8WeighsAvailabilityByWhatTheTaskNeeds() {
        Task task = new Task(10, gigabytes(3), NONE);
        assertThat(
                        Completion.averageAvailability(
                                        task, node(2, 4), new Availability(0.5, 0.25))
                                .probability())
                .isCloseTo(5.75 / 13, SIX_DIGITS);
        assertThat(
                        Completion.averageAvailability(task, node(2, 4), new Availability(1, 0))
                                .probability())
                .isZero();
        assertThat(Completion.averageAvailability(task, node(2, 4), Availability.ALWAYS))
                .isEqualTo(new Reliability(Reliability.MEASURED_MAX));
    }

    @ParameterizedTest
    @CsvSource({"0.9, 1", "0.99, 2", "0.8, 0.698970004", "0, 0", "0.9999, 4"})
    void f9PaysByNines(double reliability, String pay) {
        Tariff tariff = new Tariff(Credits.parse("0.001"), new Reliability(0.9));
        assertThat(tariff.payPerHour(new Speed(1000), new Reliability(reliability)))
                .isEqualTo(Credits.parse(pay));
    }

    @Test
    void whatIsChargedForANodeIsWhatItsProvidersEarn() {
        Tariff tariff = new Tariff(Credits.parse("0.001"), new Reliability(0.9));
        Speed speed = new Speed(1000);
        List<Reliability> providers =
                List.of(new Reliability(0.9), new Reliability(0.8), new Reliability(0.95));
        Credits charge = tariff.chargePerHour(speed, new Reliability(0.999));
        assertThat(charge).isEqualTo(Credits.parse("3"));
        assertThat(Tariff.divide(charge, providers))
                .isEqualTo(providers.stream().map(p -> tariff.payPerHour(speed, p)).toList());
    }

    @Test
    void noBillionthIsLostInADivision() {
        Property.holds(
                5000,
                random -> {
                    List<Reliability> providers = new ArrayList<>();
                    for (int i = 0; i <= random.nextInt(12); i++) {
                        providers.add(
                                Reliability.measured(
                                        random.nextInt(4) == 0 ? 0 : random.nextDouble()));
                    }
                    providers.add(new Reliability(0.5));
                    Credits charge = new Credits(random.nextLong(1L << random.nextInt(1, 63)));
                    List<Credits> shares = Tariff.divide(charge, providers);
                    assertThat(shares.stream().reduce(Credits.ZERO, Credits::plus))
                            .isEqualTo(charge);
                    double all = providers.stream().mapToDouble(Reliability::nines).sum();
                    for (int i = 0; i < shares.size(); i++) {
                        double fair = charge.nanos() * (providers.get(i).nines() / all);
                        assertThat((double) shares.get(i).nanos())
                                .isCloseTo(fair, within(1 + charge.nanos() * 1e-9));
                    }
                });
    }

    @Test
    void anHourAtAKilobitASecondIs450Kilobytes() {
        assertThat(Bandwidth.ofKilobitsPerSecond(1).gigabytesPerHour())
                .isCloseTo(450e3 / 1e9, within(1e-15));
        assertThat(new Bandwidth(2).kilobitsPerSecond()).isCloseTo(4444.444444, SIX_DIGITS);
    }

    @Test
    void whatIsNeverDoneHasNoTime() {
        Task task = new Task(10, gigabytes(1), NONE);
        assertThat(Completion.expected(task, node(1, 1), new Availability(1, 0))).isEmpty();
        assertThat(Completion.expected(task, node(0, 1), Availability.ALWAYS)).isEmpty();
        assertThat(Completion.requested(new Task(0, NONE, NONE), node(0, 0)))
                .contains(Duration.ZERO);
    }

    @Test
    void certaintyIsNotBelievedAndRefusedAsAnOrder() {
        assertThat(Reliability.measured(1).nines()).isCloseTo(4, SIX_DIGITS);
        assertThat(Reliability.measured(Double.NaN).probability()).isZero();
        assertThat(Reliability.measured(-1).probability()).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Reliability(1))
                .withMessage("reliability: expected 0 to 0.999999, got 1.0");
    }

    @Test
    void amountsThatDontFitAreRefused() {
        assertThatThrownBy(() -> PriceCurve.PATENT.perHour(new Speed(1e6)).times(10_000))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() ->
                        new Tariff(Credits.MAX, new Reliability(0.9))
                                .chargePerHour(new Speed(2), new Reliability(0.99)))
                .isInstanceOf(ArithmeticException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> new Speed(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> new Bandwidth(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Availability(0, 1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new DataSize(-1));
    }

    private static DataSize gigabytes(int number) {
        return new DataSize(number * 1_000_000_000L);
    }

    private static Node node(double scu, double gigabytesPerHour) {
        return new Node(new Speed(scu), new Bandwidth(gigabytesPerHour));
    }

    private static double amount(Credits credits) {
        return credits.nanos() / 1e9;
    }

    private static double hours(Duration time) {
        return time.toNanos() / 3.6e12;
    }
}
