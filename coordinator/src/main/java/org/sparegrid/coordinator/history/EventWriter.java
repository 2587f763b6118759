// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.util.HexFormat;
import java.util.List;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.WeekHours;

/// Writes events; [EventReader] reads them. docs/decisions/0022 says why they look so.
final class EventWriter {
    static final int ASKED = 1;
    static final int STOCKED = 2;
    static final int MEASURED = 3;
    static final int BEGAN = 4;
    static final int ENDED = 5;
    static final int LOOKED = 6;
    static final int CHOSEN = 7;
    static final int PINNED = 8;
    static final int JOINED = 9;

    /// The same as [#LOOKED] for an order that says how much traffic it wants.
    static final int LOOKED_CARRYING = 10;

    static final int RANGE = 1;
    static final int FLAG = 2;
    static final int ONE_OF = 3;
    static final int NONE_OF = 4;
    static final int OPEN = 5;

    /// Attributes by their numbers; the order of the list is stable.
    static final List<Attribute> ATTRIBUTES = List.of(Attribute.values());

    private EventWriter() {}

    /// Adds the frame of an event: its kind, the time in milliseconds, and what it says.
    static void write(Bytes out, long atMillis, Event event) {
        out.beginFrame();
        switch (event) {
            case Event.Asked asked -> {
                begin(out, ASKED, atMillis);
                out.putInt(asked.ask());
                out.putFlag(asked.again());
                out.put(HexFormat.of().parseHex(asked.seller().value()));
                out.putLong(asked.sequence());
                slots(out, asked.slots());
                attributes(out, asked.attributes());
            }
            case Event.Stocked(var ask, var slots) -> {
                begin(out, STOCKED, atMillis);
                out.putInt(ask);
                slots(out, slots);
            }
            case Event.Measured(var ask, var latency) -> {
                begin(out, MEASURED, atMillis);
                out.putInt(ask);
                out.putInt(latency);
            }
            case Event.Began _ -> begin(out, BEGAN, atMillis);
            case Event.Ended(var asks) -> {
                begin(out, ENDED, atMillis);
                out.putInt(asks);
            }
            case Event.Looked(
                            var ticket,
                            var wanted,
                            var nodes,
                            var megabytesPerHour,
                            var except) -> {
                begin(out, megabytesPerHour == 0 ? LOOKED : LOOKED_CARRYING, atMillis);
                if (megabytesPerHour > 0) {
                    out.putInt(megabytesPerHour);
                }
                out.putLong(ticket);
                constraints(out, wanted);
                out.putInt(nodes);
                asks(out, except);
            }
            case Event.Chosen chosen -> {
                begin(out, CHOSEN, atMillis, chosen.order());
                out.putFlag(chosen.replaces());
                demand(out, chosen.demand());
                asks(out, chosen.except());
                taken(out, chosen.taken());
                out.putInt(chosen.missing());
            }
            case Event.Pinned(var order, var demand, var only, var taken) -> {
                begin(out, PINNED, atMillis, order);
                demand(out, demand);
                asks(out, only);
                taken(out, taken);
            }
            case Event.Joined joined -> joined(out, atMillis, joined);
        }
        out.endFrame();
    }

    private static void joined(Bytes out, long atMillis, Event.Joined joined) {
        begin(out, JOINED, atMillis, joined.order());
        out.putLong(joined.ticket());
        out.putLong(Double.doubleToLongBits(joined.reliability()));
        out.putLong(joined.pricePerHourMax().nanos());
        out.putInt(joined.replicasMax());
        out.putInt(joined.believed().size());
        joined.believed().forEach(each -> out.putLong(Double.doubleToLongBits(each)));
        taken(out, joined.taken());
        out.putInt(joined.missing());
        out.putFlag(joined.granted());
    }

    private static void begin(Bytes out, int kind, long atMillis) {
        out.putByte(kind);
        out.putLong(atMillis);
    }

    private static void begin(Bytes out, int kind, long atMillis, OrderId order) {
        begin(out, kind, atMillis);
        out.putText(order.value());
    }

    private static void slots(Bytes out, Slots slots) {
        out.putByte(slots.count());
        out.putFlag(slots.open());
        out.putLong(slots.low());
        out.putLong(slots.high());
    }

    private static void attributes(Bytes out, AskAttributes ask) {
        out.putLong(ask.pricePerHour().nanos());
        out.putInt(ask.size().cpus());
        out.putInt(ask.size().memoryMebibytes());
        out.putInt(ask.size().diskMebibytes());
        out.putInt(ask.score());
        out.putInt(ask.upKilobits());
        out.putInt(ask.downKilobits());
        out.putInt(ask.latencyMicros());
        out.putInt(ask.rating());
        out.putInt(ask.reliability());
        out.putInt(ask.attestation());
        out.putLong(ask.networkFeePerGigabyte().nanos());
        out.putFlag(ask.openUdp());
        out.putFlag(ask.kvm());
        out.putText(ask.country());
        out.putText(ask.hardware());
        out.putText(ask.owner());
        out.putText(ask.pool());
        hours(out, ask.hours());
    }

    private static void hours(Bytes out, WeekHours hours) {
        out.putLong(hours.first());
        out.putLong(hours.second());
        out.putLong(hours.third());
    }

    private static void demand(Bytes out, Demand demand) {
        out.putInt(demand.machines());
        constraints(out, demand.constraints());
        out.putLong(demand.pricePerHourMax().nanos());
        out.putInt(demand.megabytesPerHour());
        Diversity spread = demand.diversity();
        out.putInt(spread.perCountry());
        out.putInt(spread.perHardware());
        out.putInt(spread.perOwner());
    }

    private static void constraints(Bytes out, Constraints constraints) {
        out.putByte(constraints.all().size());
        for (Constraint constraint : constraints.all()) {
            switch (constraint) {
                case Constraint.Range(var attribute, var least, var most) -> {
                    out.putByte(RANGE);
                    out.putByte(ATTRIBUTES.indexOf(attribute));
                    out.putLong(least);
                    out.putLong(most);
                }
                case Constraint.Flag(var attribute, var wanted) -> {
                    out.putByte(FLAG);
                    out.putByte(ATTRIBUTES.indexOf(attribute));
                    out.putFlag(wanted);
                }
                case Constraint.OneOf(var attribute, var names) -> {
                    out.putByte(ONE_OF);
                    out.putByte(ATTRIBUTES.indexOf(attribute));
                    names(out, names.stream().sorted().toList());
                }
                case Constraint.NoneOf(var attribute, var names) -> {
                    out.putByte(NONE_OF);
                    out.putByte(ATTRIBUTES.indexOf(attribute));
                    names(out, names.stream().sorted().toList());
                }
                case Constraint.Open(var hours) -> {
                    out.putByte(OPEN);
                    hours(out, hours);
                }
            }
        }
    }

    private static void names(Bytes out, List<String> names) {
        out.putInt(names.size());
        names.forEach(out::putText);
    }

    private static void asks(Bytes out, List<Integer> asks) {
        out.putInt(asks.size());
        asks.forEach(out::putInt);
    }

    private static void taken(Bytes out, List<Event.Taken> taken) {
        out.putInt(taken.size());
        for (Event.Taken each : taken) {
            out.putInt(each.ask());
            out.putByte(each.slot());
        }
    }
}
