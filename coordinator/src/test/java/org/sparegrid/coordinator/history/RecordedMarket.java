// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.Nodes;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.book.Book;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.Picks;
import org.sparegrid.coordinator.market.book.RandomMarket;
import org.sparegrid.coordinator.market.book.Shortlist;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.Attribute;

/// A market whose sellers and buyers do anything, and that is recorded.
final class RecordedMarket implements MarketRecord.Source {
    private static final int ASKS_MAX = 400;

    private final Book book = new Book(ASKS_MAX);
    private final List<Slots> slots = new ArrayList<>();
    private final RandomGenerator random;
    private final RandomMarket draws;
    private final MarketRecord record;
    private long tickets;
    private int orders;
    private int made;

    RecordedMarket(RandomGenerator random, MarketRecord record) {
        this.random = random;
        this.draws = new RandomMarket(random);
        this.record = record;
    }

    /// How many choices were made.
    int choices() {
        return made;
    }

    static OrderId order(int number) {
        char[] digits = new char[12];
        int rest = number;
        for (int i = digits.length - 1; i >= 0; i--) {
            digits[i] = (char) ('a' + rest % 26);
            rest /= 26;
        }
        return new OrderId(OrderId.PREFIX + new String(digits));
    }

    static SellerId seller(int ask) {
        return new SellerId("%040x".formatted(ask));
    }

    @Override
    public int bound() {
        return slots.size();
    }

    @Override
    public Event.Asked say(int ask) {
        return asked(ask, true);
    }

    private Event.Asked asked(int ask, boolean again) {
        return new Event.Asked(
                ask, again, seller(ask), book.sequence(ask), book.get(ask), slots.get(ask));
    }

    /// Does something.
    void live() {
        int what = random.nextInt(slots.size() < 30 ? 6 : 24);
        if (what < 6 && slots.size() < ASKS_MAX) {
            slots.add(drawSlots());
            book.add(draws.ask(), slots.getLast().free());
            record.add(asked(slots.size() - 1, false));
        } else if (what < 10) {
            int ask = any();
            book.update(ask, draws.ask());
            stock(ask, drawSlots());
            record.add(asked(ask, false));
        } else if (what < 14) {
            int ask = any();
            stock(ask, drawSlots());
            record.add(new Event.Stocked(ask, slots.get(ask)));
        } else if (what < 17) {
            int ask = any();
            int latency = random.nextInt(200_000);
            book.setNumber(ask, Attribute.LATENCY, latency);
            record.add(new Event.Measured(ask, latency));
        } else if (what < 21) {
            choose();
        } else if (what < 22) {
            pin();
        } else {
            join();
        }
    }

    private int any() {
        return random.nextInt(slots.size());
    }

    private Slots drawSlots() {
        return new Slots(
                1 + random.nextInt(random.nextInt(4) == 0 ? 100 : 4),
                random.nextInt(5) > 0,
                random.nextLong() & random.nextLong(),
                random.nextLong());
    }

    private void stock(int ask, Slots next) {
        slots.set(ask, next);
        book.setFree(ask, next.free());
    }

    private List<Integer> except() {
        Set<Integer> except = new HashSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            except.add(any());
        }
        return List.copyOf(except);
    }

    private static int[] ints(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    private void choose() {
        Demand demand = draws.demand();
        List<Integer> except = except();
        Picks picks = book.match(demand, ints(except));
        List<Event.Taken> taken = new ArrayList<>();
        for (int i = 0; i < picks.size(); i++) {
            int ask = picks.ask(i);
            slots.get(ask)
                    .firstFree(picks.machines(i))
                    .forEach(slot -> taken.add(new Event.Taken(ask, slot)));
        }
        int missing = picks.missing();
        decide(
                new Event.Chosen(
                        order(orders++), random.nextInt(4) == 0, demand, except, taken, missing),
                missing == 0);
    }

    private void pin() {
        Demand demand =
                new Demand(1, Constraints.NONE, draws.price(), 0, draws.demand().diversity());
        List<Integer> only = except();
        List<Event.Taken> taken =
                only.stream()
                        .filter(ask -> slots.get(ask).free() > 0 && demand.test(book.get(ask)))
                        .map(ask -> new Event.Taken(ask, slots.get(ask).firstFree(1).getFirst()))
                        .limit(1)
                        .toList();
        decide(new Event.Pinned(order(orders++), demand, only, taken), true);
    }

    private void join() {
        int nodes = 1 + random.nextInt(3);
        int traffic = random.nextBoolean() ? 0 : random.nextInt(5000);
        long ticket = ++tickets;
        List<Integer> except = except();
        Constraints wanted = random.nextBoolean() ? Constraints.NONE : draws.demand().constraints();
        List<Integer> listed =
                List.copyOf(Shortlist.of(book, wanted, nodes, traffic, ints(except)));
        record.add(new Event.Looked(ticket, wanted, nodes, traffic, except));
        Map<SellerId, Integer> numbers = new HashMap<>();
        List<Nodes.Candidate> candidates = new ArrayList<>();
        for (int ask : listed) {
            numbers.put(seller(ask), ask);
            candidates.add(
                    new Nodes.Candidate(
                            offer(ask),
                            new Reliability(random.nextDouble(0.99)),
                            Demand.carrying(book.get(ask), traffic).pricePerHour()));
        }
        if (random.nextInt(3) == 0) {
            live();
        }
        Reliability wish = new Reliability(0.5 + random.nextDouble(0.4));
        var chosen = Nodes.choose(candidates, nodes, wish, Credits.MAX, 8);
        List<Event.Taken> taken =
                Nodes.slots(chosen).stream()
                        .map(slot ->
                                new Event.Taken(
                                        numbers.get(slot.slot().seller()), slot.slot().number()))
                        .toList();
        int missing = nodes - chosen.size();
        boolean granted =
                missing == 0
                        && taken.stream()
                                .allMatch(each -> slots.get(each.ask()).isFree(each.slot()));
        decide(
                new Event.Joined(
                        order(orders++),
                        ticket,
                        wish.probability(),
                        Credits.MAX,
                        8,
                        candidates.stream().map(each -> each.reliability().probability()).toList(),
                        taken,
                        missing,
                        granted),
                granted);
    }

    private SlotAsk offer(int ask) {
        AskAttributes attributes = book.get(ask);
        return new SlotAsk(
                seller(ask),
                new Ask(
                        "machine",
                        slots.get(ask).count(),
                        attributes.size(),
                        attributes.pricePerHour(),
                        Acceleration.KVM,
                        "why",
                        attributes.score(),
                        "1",
                        AskTraits.UNKNOWN),
                attributes,
                Knowledge.NONE,
                slots.get(ask).firstFree(100).stream()
                        .map(slot -> SlotId.of(seller(ask), slot))
                        .toList());
    }

    private void decide(Event.Decision decision, boolean takes) {
        made++;
        record.add(decision);
        for (Event.Taken each : takes ? decision.taken() : List.<Event.Taken>of()) {
            Slots old = slots.get(each.ask());
            long bit = 1L << (each.slot() & 63);
            stock(
                    each.ask(),
                    new Slots(
                            old.count(),
                            old.open(),
                            each.slot() < 64 ? old.low() | bit : old.low(),
                            each.slot() < 64 ? old.high() : old.high() | bit));
            record.add(new Event.Stocked(each.ask(), slots.get(each.ask())));
        }
    }
}
