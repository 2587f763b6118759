// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;

/// Explains what an order finds in the book.
///
/// A change of one term can make available the asks that fail this term alone. If leaving the term
/// out yields enough machines, the cheapest of these show how far it has to give; that costs no
/// more than leaving it out, and nothing between can cost less. (With limits in several respects,
/// that holds among the choices that the book makes.)
public final class OrderExplainer {
    /// An ask and the terms that it fails, one bit each.
    private record Marked(Standing standing, long failed) {}

    /// The cheapest machines.
    private record Choice(List<Standing> from, int machines, Credits pricePerHour) {}

    private final int machines;
    private final List<Term> terms;
    private final Diversity spread;
    private final List<Marked> asks = new ArrayList<>();

    /// Slots that fail each term.
    private final long[] failing;

    /// Slots on offer.
    private long slots;

    private OrderExplainer(int machines, List<Term> terms, Diversity spread) {
        this.machines = machines;
        this.terms = terms;
        this.spread = spread;
        this.failing = new long[terms.size()];
    }

    /// Explains an order.
    ///
    /// @param book all asks, in any order
    /// @param machines how many are wanted
    /// @param wanted what each of them must be; a term that is said twice counts and changes as one
    /// @param spread how they are spread
    public static Explanation explain(
            List<Standing> book, int machines, Query wanted, Diversity spread) {
        OrderExplainer explainer =
                new OrderExplainer(machines, wanted.terms().stream().distinct().toList(), spread);
        explainer.mark(book);
        return explainer.explain();
    }

    /// Counts what each ask fails, and keeps those that fail one term at most: no change of one
    /// term makes the others available.
    private void mark(List<Standing> book) {
        Constraint[] constraints = terms.stream().map(Terms::constraint).toArray(Constraint[]::new);
        for (Standing standing : book) {
            long failed = 0;
            for (int i = 0; i < constraints.length; i++) {
                if (!constraints[i].test(standing.ask())) {
                    failed |= 1L << i;
                    failing[i] += standing.free();
                }
            }
            slots += standing.free();
            if (Long.bitCount(failed) <= 1 && standing.free() > 0) {
                asks.add(new Marked(standing, failed));
            }
        }
        asks.sort(
                Comparator.comparing((Marked marked) -> marked.standing.ask().pricePerHour())
                        .thenComparingLong(marked -> marked.standing.sequence()));
    }

    private Explanation explain() {
        Choice now = cheapest(failed -> failed == 0, spread);
        List<Explanation.Relaxation> relaxations = new ArrayList<>();
        for (int i = 0; i < terms.size() && now.machines < machines; i++) {
            relaxation(i).ifPresent(relaxations::add);
        }
        relaxations.sort(Comparator.comparing(Explanation.Relaxation::pricePerHour));
        return new Explanation(
                machines,
                now.machines,
                cheapest(failed -> failed == 0, Diversity.NONE).machines,
                0,
                now.pricePerHour,
                number(slots),
                matching(0),
                reasons(),
                relaxations);
    }

    private List<Explanation.Reason> reasons() {
        List<Explanation.Reason> reasons = new ArrayList<>();
        for (int i = 0; i < terms.size(); i++) {
            long bit = 1L << i;
            if (failing[i] > 0) {
                reasons.add(
                        new Explanation.Reason(terms.get(i), number(failing[i]), matching(bit)));
            }
        }
        reasons.sort(Comparator.comparingInt(Explanation.Reason::slots).reversed());
        return reasons;
    }

    private Optional<Explanation.Relaxation> relaxation(int index) {
        long bit = 1L << index;
        Choice without = cheapest(failed -> (failed & ~bit) == 0, spread);
        if (without.machines < machines) {
            return Optional.empty();
        }
        Term term = terms.get(index);
        List<AskAttributes> admitted = without.from.stream().map(Standing::ask).toList();
        return Optional.of(
                new Explanation.Relaxation(
                        term, Widening.of(term, admitted), without.pricePerHour));
    }

    /// How many slots fail these terms and no others.
    private int matching(long failed) {
        long sum = 0;
        for (Marked marked : asks) {
            sum += marked.failed == failed ? marked.standing.free() : 0;
        }
        return number(sum);
    }

    /// The number as far as it is told; no reader cares by how much it is larger.
    private static int number(long slots) {
        return (int) Math.min(slots, Integer.MAX_VALUE);
    }

    /// The cheapest, passing over asks for which the limits leave no room, as the book does.
    private Choice cheapest(LongPredicate which, Diversity limits) {
        List<Standing> from = new ArrayList<>();
        Spread places = new Spread(limits);
        int count = 0;
        Credits price = Credits.ZERO;
        for (Marked marked : asks) {
            if (count == machines) {
                break;
            }
            AskAttributes ask = marked.standing.ask();
            int most = Math.min(marked.standing.free(), places.room(ask));
            int taken = which.test(marked.failed) ? Math.min(machines - count, most) : 0;
            if (taken > 0) {
                from.add(marked.standing);
                places.add(ask, taken);
                count += taken;
                price = price.plus(ask.pricePerHour().times(taken));
            }
        }
        return new Choice(from, count, price);
    }
}
