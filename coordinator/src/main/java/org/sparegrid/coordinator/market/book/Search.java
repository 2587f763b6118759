// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import java.util.Arrays;
import org.sparegrid.coordinator.market.Constraints;

/// The search for the cheapest asks, leaf by leaf in the order of prices: an exact branch and
/// bound.
///
/// Asks that will do wait in a heap ordered by what they cost with their network fee. One is taken
/// as soon as no ask of the leaves to come can be cheaper, as those cost at least the leaf's least
/// price. The search ends with the last machine that is wanted. It allocates nothing.
final class Search {
    private final Columns columns;
    private final Leaves leaves;
    private final Plan plan;
    private final Picks picks = new Picks();

    /// A heap of the asks that will do, the cheapest first.
    private long[] prices = new long[0];

    private int[] asks = new int[0];
    private int size;

    /// Machines taken so far, by the number of country, kind of processor and owner.
    private int[] ofCountry = new int[0];

    private int[] ofHardware = new int[0];
    private int[] ofOwner = new int[0];

    private int[] except = new int[0];

    /// Machines that stay missing whatever is offered, as the limits and lists of names allow no
    /// more.
    private long alwaysMissing;

    Search(Columns columns, Leaves leaves) {
        this.columns = columns;
        this.leaves = leaves;
        this.plan = new Plan(columns, leaves);
    }

    /// Makes room, so that no search needs to.
    void grow() {
        if (asks.length < columns.capacity()) {
            prices = new long[columns.capacity()];
            asks = new int[columns.capacity()];
        }
        ofCountry = room(ofCountry, columns.countries);
        ofHardware = room(ofHardware, columns.hardware);
        ofOwner = room(ofOwner, columns.owners);
    }

    private static int[] room(int[] counts, Names names) {
        return counts.length >= names.bound() ? counts : Arrays.copyOf(counts, 2 * names.bound());
    }

    Picks run(Demand demand, int... exceptAsks) {
        picks.clear(demand.machines());
        size = 0;
        except = exceptAsks;
        plan.prepare(demand.constraints());
        plan.limit(demand);
        alwaysMissing = Math.max(0, demand.machines() - plan.reachable(demand.diversity()));
        if (!plan.isImpossible()) {
            collect(demand);
            take(Long.MAX_VALUE, Long.MAX_VALUE, demand);
            forgetCounts();
        }
        return picks;
    }

    /// How many free slots meet the constraints.
    long count(Constraints constraints) {
        plan.prepare(constraints);
        long slots = 0;
        int end = plan.isImpossible() ? 0 : leaves.count();
        for (int position = 0; position < end; position++) {
            boolean any = plan.narrow(leaves.leaf(position));
            int[] inLeaf = leaves.asks(position);
            for (int word = 0; any && word < Leaves.WORDS; word++) {
                long rest = plan.candidates(word);
                while (rest != 0) {
                    int ask = inLeaf[word * 64 + Long.numberOfTrailingZeros(rest)];
                    rest &= rest - 1;
                    slots += plan.accepts(ask) ? columns.get(ask, Columns.FREE) : 0;
                }
            }
        }
        return slots;
    }

    private void collect(Demand demand) {
        int position = leaves.find(plan.priceLeast(), Long.MIN_VALUE);
        for (; position < leaves.count(); position++) {
            long least = leaves.leastPrice(position);
            if (least > plan.priceMost()) {
                return;
            }
            take(least, leaves.leastSequence(position), demand);
            if (picks.missing() <= alwaysMissing) {
                return;
            }
            scan(position, demand);
        }
    }

    private void scan(int position, Demand demand) {
        boolean any = plan.narrow(leaves.leaf(position));
        for (int word = 0; any && word < Leaves.WORDS; word++) {
            long rest = plan.candidates(word);
            if (rest != 0) {
                pushAll(leaves.asks(position), word * 64, rest, demand);
            }
        }
    }

    private void pushAll(int[] inLeaf, int from, long candidates, Demand demand) {
        long rest = candidates;
        while (rest != 0) {
            int ask = inLeaf[from + Long.numberOfTrailingZeros(rest)];
            rest &= rest - 1;
            if (plan.accepts(ask) && !isExcepted(ask)) {
                long price =
                        Demand.pricePerHour(
                                columns.getLong(ask, Columns.PRICE),
                                columns.getLong(ask, Columns.NETWORK_FEE),
                                demand.megabytesPerHour());
                if (price <= demand.pricePerHourMax().nanos()) {
                    push(price, ask);
                }
            }
        }
    }

    private boolean isExcepted(int ask) {
        for (int each : except) {
            if (each == ask) {
                return true;
            }
        }
        return false;
    }

    /// Takes what waits and comes before that price and age.
    private void take(long price, long sequence, Demand demand) {
        while (picks.missing() > alwaysMissing && size > 0) {
            long top = prices[0];
            if (top > price || (top == price && sequence(asks[0]) > sequence)) {
                return;
            }
            choose(pop(), demand);
        }
    }

    private void choose(int ask, Demand demand) {
        int country = columns.get(ask, Columns.COUNTRY);
        int hardware = columns.get(ask, Columns.HARDWARE);
        int owner = columns.get(ask, Columns.OWNER);
        int room = Math.min(columns.get(ask, Columns.FREE), picks.missing());
        room = Math.min(room, demand.diversity().perCountry() - ofCountry[country]);
        room = Math.min(room, demand.diversity().perHardware() - ofHardware[hardware]);
        room = Math.min(room, demand.diversity().perOwner() - ofOwner[owner]);
        if (room > 0) {
            ofCountry[country] += room;
            ofHardware[hardware] += room;
            ofOwner[owner] += room;
            picks.add(ask, room);
        }
    }

    private void forgetCounts() {
        for (int i = 0; i < picks.size(); i++) {
            int ask = picks.ask(i);
            ofCountry[columns.get(ask, Columns.COUNTRY)] = 0;
            ofHardware[columns.get(ask, Columns.HARDWARE)] = 0;
            ofOwner[columns.get(ask, Columns.OWNER)] = 0;
        }
    }

    private long sequence(int ask) {
        return columns.getLong(ask, Columns.SEQUENCE);
    }

    private boolean isBefore(long price, int ask, int at) {
        return price < prices[at] || (price == prices[at] && sequence(ask) < sequence(asks[at]));
    }

    private void push(long price, int ask) {
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >> 1;
            if (!isBefore(price, ask, parent)) {
                break;
            }
            prices[at] = prices[parent];
            asks[at] = asks[parent];
            at = parent;
        }
        prices[at] = price;
        asks[at] = ask;
    }

    private int pop() {
        int top = asks[0];
        size--;
        if (size > 0) {
            sink(prices[size], asks[size]);
        }
        return top;
    }

    private void sink(long price, int ask) {
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && isBefore(prices[child + 1], asks[child + 1], child)) {
                child++;
            }
            if (isBefore(price, ask, child)) {
                break;
            }
            prices[at] = prices[child];
            asks[at] = asks[child];
            at = child;
        }
        prices[at] = price;
        asks[at] = ask;
    }
}
