// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.coordinator.market.formula.VirtualNode.Provider;
import org.sparegrid.protocol.Credits;
import org.sparegrid.testsupport.Property;

class VirtualNodeTest {
    @Test
    void takesTheCheapestProvidersThatSuffice() {
        List<Provider<String>> providers =
                List.of(
                        provider("a", 10, 0.9),
                        provider("b", 12, 0.9),
                        provider("c", 19, 0.99),
                        provider("d", 1, 0.1));
        assertThat(names(providers, 0.9)).containsExactly("a");
        assertThat(names(providers, 0.99)).containsExactly("c");
        assertThat(names(providers, 0.999)).containsExactly("a", "c");
        assertThat(names(providers, 0.99999)).isEmpty();
    }

    @Test
    void isAsReliableAsItsProvidersTogether() {
        VirtualNode<String> node =
                VirtualNode.of(
                                List.of(provider("a", 1, 0.9), provider("b", 1, 0.8)),
                                new Reliability(0.98))
                        .orElseThrow();
        assertThat(node.reliability().probability()).isCloseTo(0.98, within(1e-9));
        assertThat(node.pricePerHour()).isEqualTo(new Credits(2));
    }

    @Test
    void noChoiceIsCheaper() {
        Property.holds(
                1000,
                random -> {
                    List<Provider<Integer>> providers = new ArrayList<>();
                    for (int i = 0; i < random.nextInt(11); i++) {
                        providers.add(
                                new Provider<>(
                                        i,
                                        new Credits(random.nextInt(40)),
                                        new Reliability(random.nextInt(100) / 100.0)));
                    }
                    Reliability requested = new Reliability(random.nextInt(9999) / 10_000.0);
                    OptionalLong oracle = cheapest(providers, requested);
                    var chosen = VirtualNode.of(providers, requested);
                    assertThat(chosen.isPresent()).isEqualTo(oracle.isPresent());
                    chosen.ifPresent(node -> {
                        assertThat(node.pricePerHour().nanos()).isEqualTo(oracle.getAsLong());
                        assertThat(node.reliability().probability())
                                .isGreaterThanOrEqualTo(
                                        Math.min(requested.probability(), 0.999_999) - 1e-9);
                        assertThat(node.replicas()).doesNotHaveDuplicates();
                    });
                });
    }

    @Test
    void endsWithHundredsOfLikeProviders() {
        Property.holds(
                3,
                random -> {
                    List<Provider<Integer>> providers = new ArrayList<>();
                    for (int i = 0; i < 1000; i++) {
                        providers.add(
                                new Provider<>(
                                        i,
                                        new Credits(1_000_000 + random.nextInt(1000)),
                                        new Reliability(0.5 + random.nextDouble() / 1000)));
                    }
                    assertThat(VirtualNode.of(providers, new Reliability(0.999)).orElseThrow())
                            .satisfies(node -> assertThat(node.replicas()).hasSizeBetween(9, 10));
                    assertThat(VirtualNode.of(weak(random), new Reliability(0.99))).isEmpty();
                });
    }

    /// With nothing known the distribution is flat; with one side of the record alone it is a
    /// power.
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0.1",
        "1, 0, 0.31622777",
        "9, 0, 0.79432823",
        "99, 0, 0.97723722",
        "0, 1, 0.05131670",
        "0, 9, 0.01048074",
    })
    void believesWhatExceedsATenthOfThePossible(long kept, long broken, double believed) {
        assertThat(new TrackRecord(kept, broken).reliability().probability())
                .isCloseTo(believed, within(1e-6));
    }

    @Test
    void believesAMixedRecordLessThanItsShare() {
        // The 0.1 quantile of Beta(91, 11), by summing its density over a million steps.
        assertThat(new TrackRecord(90, 10).reliability().probability())
                .isCloseTo(quantile(91, 11), within(1e-5));
        assertThat(new TrackRecord(900_000_000, 100_000_000).reliability().probability())
                .isCloseTo(0.9, within(1e-4));
    }

    private static double quantile(int a, int b) {
        int steps = 1_000_000;
        double[] density = new double[steps];
        double all = 0;
        for (int i = 0; i < steps; i++) {
            double x = (i + 0.5) / steps;
            density[i] = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x));
            all += density[i];
        }
        double sum = 0;
        for (int i = 0; i < steps; i++) {
            sum += density[i];
            if (sum >= all / 10) {
                return (i + 0.5) / steps;
            }
        }
        return 1;
    }

    private static List<Provider<Integer>> weak(RandomGenerator random) {
        List<Provider<Integer>> providers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            providers.add(
                    new Provider<>(i, new Credits(random.nextInt(1, 100)), new Reliability(0.02)));
        }
        return providers;
    }

    private static OptionalLong cheapest(List<Provider<Integer>> providers, Reliability requested) {
        OptionalLong best = OptionalLong.empty();
        for (int set = 1; set < 1 << providers.size(); set++) {
            double failing = 1;
            long price = 0;
            for (int i = 0; i < providers.size(); i++) {
                if ((set >> i & 1) == 1) {
                    failing *= 1 - providers.get(i).reliability().probability();
                    price += providers.get(i).pricePerHour().nanos();
                }
            }
            boolean useful = failing < 1;
            if (useful
                    && failing <= (1 - requested.probability()) * (1 + 1e-8)
                    && (best.isEmpty() || price < best.getAsLong())) {
                best = OptionalLong.of(price);
            }
        }
        return best;
    }

    private static List<String> names(List<Provider<String>> providers, double requested) {
        return VirtualNode.of(providers, new Reliability(requested)).stream()
                .flatMap(node -> node.replicas().stream().map(Provider::what))
                .toList();
    }

    private static Provider<String> provider(String name, long price, double reliability) {
        return new Provider<>(name, new Credits(price), new Reliability(reliability));
    }
}
