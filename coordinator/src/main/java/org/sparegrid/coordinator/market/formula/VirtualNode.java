// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.sparegrid.protocol.Credits;

/// A node of the reliability that was asked for, made of providers that do the same work.
///
/// It is available while one of them is, if they fail independently of each other; that is true of
/// strangers in different places and false of one building's computers.
///
/// @param <T> what a provider is
/// @param replicas the providers, cheapest first
/// @param pricePerHour the sum of their prices: what the buyer pays is what they get
/// @param nines the sum of their nines, at least those that were asked for
public record VirtualNode<T>(List<Provider<T>> replicas, Credits pricePerHour, double nines) {
    /// Steps of the search after which the best choice found so far is taken.
    private static final int STEPS_MAX = 200_000;

    /// The depth of the search.
    private static final int PROVIDERS_MAX = 256;

    public VirtualNode {
        replicas = List.copyOf(replicas);
    }

    /// One who may do the work.
    ///
    /// @param <T> what a provider is
    public record Provider<T>(T what, Credits pricePerHour, Reliability reliability) {}

    /// The reliability of the whole, as far as it is believed.
    public Reliability reliability() {
        return new Reliability(
                Math.min(Reliability.REQUESTED_MAX, -Math.expm1(-nines * Math.log(10))));
    }

    /// The cheapest providers that together are as reliable as requested, or nothing if all of them
    /// aren't. Each provider is taken once at most, and only the 256 that give most for their price
    /// are considered.
    ///
    /// The choice is exact unless the search takes over 200,000 steps, which some dozens of
    /// providers of like price and reliability can cause; then it is the best that was found.
    public static <T> Optional<VirtualNode<T>> of(
            List<Provider<T>> providers, Reliability requested) {
        List<Provider<T>> useful =
                providers.stream()
                        .filter(provider -> provider.reliability().probability() > 0)
                        .sorted(Comparator.comparingDouble(VirtualNode::pricePerNine))
                        .limit(PROVIDERS_MAX)
                        .toList();
        double needed = Math.max(requested.nines() - Reliability.NINES_EPSILON, 0);
        return new Search<>(useful, needed).best();
    }

    private static double pricePerNine(Provider<?> provider) {
        return provider.pricePerHour().nanos() / provider.reliability().nines();
    }

    /// Depth first, best value first, leaving out what can't become cheaper than the best so far
    /// even if the last provider could be taken in part.
    private static final class Search<T> {
        private final List<Provider<T>> providers;
        private final double needed;
        private final List<Provider<T>> taken = new ArrayList<>();
        private Optional<VirtualNode<T>> best = Optional.empty();
        private int steps;

        Search(List<Provider<T>> providers, double needed) {
            this.providers = providers;
            this.needed = needed;
        }

        Optional<VirtualNode<T>> best() {
            descend(0, Credits.ZERO, 0);
            return best;
        }

        private void descend(int next, Credits price, double nines) {
            boolean enough = nines >= needed && !taken.isEmpty();
            if (enough) {
                if (best.isEmpty() || price.compareTo(best.get().pricePerHour) < 0) {
                    best = Optional.of(new VirtualNode<>(sorted(), price, nines));
                }
                return;
            }
            if (next == providers.size()
                    || taken.size() == Reliability.REPLICAS_MAX
                    || steps++ >= STEPS_MAX
                    || !promising(next, price, nines)) {
                return;
            }
            Provider<T> provider = providers.get(next);
            taken.add(provider);
            descend(
                    next + 1,
                    price.plus(provider.pricePerHour()),
                    nines + provider.reliability().nines());
            taken.removeLast();
            descend(next + 1, price, nines);
        }

        /// Whether the rest suffices, and not for more than the best so far.
        private boolean promising(int next, Credits price, double nines) {
            double bound = price.nanos();
            double missing = needed - nines;
            for (int i = next; i < providers.size(); i++) {
                double part = providers.get(i).reliability().nines();
                if (part >= missing) {
                    bound += pricePerNine(providers.get(i)) * missing;
                    return best.isEmpty() || bound < best.get().pricePerHour.nanos();
                }
                bound += providers.get(i).pricePerHour().nanos();
                missing -= part;
            }
            return false;
        }

        private List<Provider<T>> sorted() {
            return taken.stream()
                    .sorted(Comparator.comparing((Provider<T> p) -> p.pricePerHour()))
                    .toList();
        }
    }
}
