// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.util.List;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.formula.Reliability;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Ask;

/// One thing that the market's only writer saw or chose. Asks are named by their numbers in the
/// book, which they keep as long as the market is open.
public sealed interface Event {
    /// Asks have numbers below.
    int ASKS_MAX = 1_000_000;

    /// The price or age of an ask.
    long SEQUENCE_MAX = 1L << 60;

    /// A slot of an ask.
    record Taken(int ask, int slot) {
        public Taken {
            requireAsk(ask);
            if (slot < 0 || slot > 99) {
                throw new IllegalArgumentException("slot: expected 0 to 99, got " + slot);
            }
        }
    }

    /// An ask came or changed, or is said again.
    ///
    /// @param again whether nothing changed, and it is only told for those who read from here on
    /// @param sequence grows with the time at which asks took their prices
    record Asked(
            int ask,
            boolean again,
            SellerId seller,
            long sequence,
            AskAttributes attributes,
            Slots slots)
            implements Event {
        public Asked {
            requireAsk(ask);
            if (sequence < 0 || sequence > SEQUENCE_MAX) {
                throw new IllegalArgumentException("sequence: out of range, " + sequence);
            }
            if (attributes.pricePerHour().compareTo(Ask.PRICE_MAX) > 0) {
                throw new IllegalArgumentException("price: out of range");
            }
        }
    }

    /// Slots of an ask were sold or can be had again, or it opened or closed.
    record Stocked(int ask, Slots slots) implements Event {
        public Stocked {
            requireAsk(ask);
        }
    }

    /// The round trip to a seller changed.
    record Measured(int ask, int latencyMicros) implements Event {
        public Measured {
            requireAsk(ask);
            if (latencyMicros < 0) {
                throw new IllegalArgumentException("latency: expected 0 or more");
            }
        }
    }

    /// From here on every ask is said again, between whatever else happens.
    record Began() implements Event {}

    /// Every ask has been said again.
    ///
    /// @param asks how many there are
    record Ended(int asks) implements Event {}

    /// Offers were listed of which nodes may be made.
    ///
    /// @param ticket by which [Joined] refers to it
    /// @param megabytesPerHour what each machine was expected to send and receive
    record Looked(
            long ticket, Constraints wanted, int nodes, int megabytesPerHour, List<Integer> except)
            implements Event {
        public Looked {
            except = asks(except);
            if (megabytesPerHour < 0 || megabytesPerHour > Demand.MEGABYTES_MAX) {
                throw new IllegalArgumentException("traffic: out of range, " + megabytesPerHour);
            }
            if (nodes < 1 || nodes > Demand.MACHINES_MAX) {
                throw new IllegalArgumentException("nodes: out of range, " + nodes);
            }
        }
    }

    /// What an order got.
    sealed interface Decision extends Event {
        OrderId order();

        /// The slots that were found, cheapest first.
        List<Taken> taken();

        /// How many machines or nodes were wanted besides; if any, none was taken.
        int missing();
    }

    /// The cheapest machines.
    ///
    /// @param replaces whether it is for a machine that failed
    record Chosen(
            OrderId order,
            boolean replaces,
            Demand demand,
            List<Integer> except,
            List<Taken> taken,
            int missing)
            implements Decision {
        public Chosen {
            except = asks(except);
            taken = List.copyOf(taken);
        }
    }

    /// A machine of the computers that alone will do.
    record Pinned(OrderId order, Demand demand, List<Integer> only, List<Taken> taken)
            implements Decision {
        public Pinned {
            only = asks(only);
            taken = List.copyOf(taken);
        }

        @Override
        public int missing() {
            return 1 - taken.size();
        }
    }

    /// Nodes of a reliability.
    ///
    /// @param ticket when their offers were listed
    /// @param reliability of each node
    /// @param pricePerHourMax of each node
    /// @param replicasMax machines of one node
    /// @param believed what was believed of each offer that was listed, for the order's time
    /// @param granted whether all slots could still be had
    record Joined(
            OrderId order,
            long ticket,
            double reliability,
            Credits pricePerHourMax,
            int replicasMax,
            List<Double> believed,
            List<Taken> taken,
            int missing,
            boolean granted)
            implements Decision {
        public Joined {
            requireProbability(reliability);
            believed.forEach(Event::requireProbability);
            believed = List.copyOf(believed);
            taken = List.copyOf(taken);
        }
    }

    private static void requireProbability(double value) {
        if (!(value >= 0 && value <= Reliability.REQUESTED_MAX)) {
            throw new IllegalArgumentException("reliability: out of range, " + value);
        }
    }

    private static List<Integer> asks(List<Integer> asks) {
        asks.forEach(Event::requireAsk);
        return List.copyOf(asks);
    }

    private static void requireAsk(int ask) {
        if (ask < 0 || ask >= ASKS_MAX) {
            throw new IllegalArgumentException("ask: expected 0 to " + ASKS_MAX + ", got " + ask);
        }
    }
}
