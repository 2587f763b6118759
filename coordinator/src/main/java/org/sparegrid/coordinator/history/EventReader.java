// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Diversity;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.WeekHours;

/// Reads the bodies of frames that [EventWriter] wrote.
final class EventReader {
    private static final int SELLER_BYTES = 20;

    private final ByteBuffer in;

    /// An event and its time.
    record Timed(Instant at, Event event) {}

    private EventReader(ByteBuffer in) {
        this.in = in;
    }

    /// Reads the one event that is all of `body`.
    ///
    /// @throws RecordFormatException if it isn't one
    static Timed read(byte[] body) throws RecordFormatException {
        EventReader reader = new EventReader(ByteBuffer.wrap(body));
        try {
            int kind = reader.in.get();
            Instant at = Instant.ofEpochMilli(reader.in.getLong());
            Event event = reader.event(kind);
            if (reader.in.hasRemaining()) {
                throw new RecordFormatException(
                        "event of kind " + kind + ": " + reader.in.remaining() + " bytes too many");
            }
            return new Timed(at, event);
        } catch (BufferUnderflowException tooShort) {
            throw new RecordFormatException("event: it ends too early");
        } catch (IllegalArgumentException | DateTimeException wrong) {
            throw new RecordFormatException("event: " + wrong.getMessage());
        }
    }

    private Event looked(int megabytesPerHour) throws RecordFormatException {
        return new Event.Looked(in.getLong(), constraints(), in.getInt(), megabytesPerHour, asks());
    }

    private Event event(int kind) throws RecordFormatException {
        return switch (kind) {
            case EventWriter.ASKED -> asked();
            case EventWriter.STOCKED -> new Event.Stocked(in.getInt(), slots());
            case EventWriter.MEASURED -> new Event.Measured(in.getInt(), in.getInt());
            case EventWriter.BEGAN -> new Event.Began();
            case EventWriter.ENDED -> new Event.Ended(in.getInt());
            case EventWriter.LOOKED -> looked(0);
            case EventWriter.LOOKED_CARRYING -> looked(in.getInt());
            case EventWriter.CHOSEN ->
                    new Event.Chosen(order(), flag(), demand(), asks(), taken(), in.getInt());
            case EventWriter.PINNED -> new Event.Pinned(order(), demand(), asks(), taken());
            case EventWriter.JOINED ->
                    new Event.Joined(
                            order(),
                            in.getLong(),
                            in.getDouble(),
                            new Credits(in.getLong()),
                            in.getInt(),
                            list(8, in::getDouble),
                            taken(),
                            in.getInt(),
                            flag());
            default ->
                    throw new RecordFormatException(
                            "event: expected a kind of 1 to 10, got " + kind);
        };
    }

    private Event asked() {
        int ask = in.getInt();
        boolean again = flag();
        byte[] seller = new byte[SELLER_BYTES];
        in.get(seller);
        long sequence = in.getLong();
        Slots slots = slots();
        SellerId id = new SellerId(HexFormat.of().formatHex(seller));
        return new Event.Asked(ask, again, id, sequence, attributes(), slots);
    }

    private AskAttributes attributes() {
        return new AskAttributes(
                new Credits(in.getLong()),
                new MachineSize(in.getInt(), in.getInt(), in.getInt()),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                new Credits(in.getLong()),
                flag(),
                flag(),
                text(),
                text(),
                text(),
                text(),
                hours());
    }

    private Demand demand() {
        return new Demand(
                in.getInt(),
                constraints(),
                new Credits(in.getLong()),
                in.getInt(),
                new Diversity(in.getInt(), in.getInt(), in.getInt()));
    }

    private Constraints constraints() {
        int count = Byte.toUnsignedInt(in.get());
        List<Constraint> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(constraint(in.get()));
        }
        return new Constraints(all);
    }

    private Constraint constraint(int kind) {
        return switch (kind) {
            case EventWriter.RANGE -> new Constraint.Range(attribute(), in.getLong(), in.getLong());
            case EventWriter.FLAG -> new Constraint.Flag(attribute(), flag());
            case EventWriter.ONE_OF -> new Constraint.OneOf(attribute(), names());
            case EventWriter.NONE_OF -> new Constraint.NoneOf(attribute(), names());
            case EventWriter.OPEN -> new Constraint.Open(hours());
            default ->
                    throw new IllegalArgumentException(
                            "constraint: expected a kind of 1 to 5, got " + kind);
        };
    }

    private Attribute attribute() {
        int number = in.get();
        if (number < 0 || number >= EventWriter.ATTRIBUTES.size()) {
            throw new IllegalArgumentException("attribute: there is none with number " + number);
        }
        return EventWriter.ATTRIBUTES.get(number);
    }

    private Set<String> names() {
        return new HashSet<>(list(2, this::text));
    }

    private OrderId order() {
        return new OrderId(text());
    }

    private Slots slots() {
        return new Slots(in.get(), flag(), in.getLong(), in.getLong());
    }

    private WeekHours hours() {
        return new WeekHours(in.getLong(), in.getLong(), in.getLong());
    }

    private List<Integer> asks() {
        return list(4, in::getInt);
    }

    private List<Event.Taken> taken() {
        return list(5, () -> new Event.Taken(in.getInt(), in.get()));
    }

    /// Reads a list, whose length can't make us take more memory than its bytes do.
    private <T> List<T> list(int bytesLeast, Supplier<T> element) {
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / bytesLeast) {
            throw new IllegalArgumentException("list: it can't have " + count + " elements");
        }
        List<T> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            all.add(element.get());
        }
        return all;
    }

    private boolean flag() {
        int value = in.get();
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("flag: expected 0 or 1, got " + value);
        }
        return value == 1;
    }

    private String text() {
        byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }
}
