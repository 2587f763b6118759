// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.market.book.RandomMarket;
import org.sparegrid.protocol.Credits;
import org.sparegrid.testsupport.Property;

class EventTest {
    private static final Instant AT = Instant.ofEpochMilli(1_800_000_000_123L);

    @Test
    void readsWhatItWrote() {
        Property.holds(
                300,
                random -> {
                    Event event = event(random);
                    EventReader.Timed read = EventReader.read(body(event));
                    assertThat(read).isEqualTo(new EventReader.Timed(AT, event));
                });
    }

    static Event event(RandomGenerator random) {
        RandomMarket market = new RandomMarket(random);
        Demand demand = market.demand();
        int ask = random.nextInt(Event.ASKS_MAX);
        Slots slots =
                new Slots(
                        1 + random.nextInt(100),
                        random.nextBoolean(),
                        random.nextLong(),
                        random.nextLong());
        List<Event.Taken> taken =
                List.of(new Event.Taken(ask, random.nextInt(100)), new Event.Taken(7, 99));
        return switch (random.nextInt(9)) {
            case 0 ->
                    new Event.Asked(
                            ask,
                            random.nextBoolean(),
                            RecordedMarket.seller(ask),
                            random.nextLong(Event.SEQUENCE_MAX),
                            market.ask(),
                            slots);
            case 1 -> new Event.Stocked(ask, slots);
            case 2 -> new Event.Measured(ask, random.nextInt(Integer.MAX_VALUE));
            case 3 -> new Event.Began();
            case 4 -> new Event.Ended(ask);
            case 5 ->
                    new Event.Looked(
                            random.nextLong(),
                            demand.constraints(),
                            demand.machines(),
                            demand.megabytesPerHour(),
                            List.of(3));
            case 6 ->
                    new Event.Chosen(
                            RecordedMarket.order(ask),
                            random.nextBoolean(),
                            demand,
                            List.of(ask, 4),
                            taken,
                            random.nextInt(9));
            case 7 -> new Event.Pinned(RecordedMarket.order(ask), demand, List.of(ask), taken);
            default ->
                    new Event.Joined(
                            RecordedMarket.order(ask),
                            random.nextLong(),
                            random.nextDouble(0.99),
                            Credits.MAX,
                            8,
                            List.of(0.5, random.nextDouble(0.99)),
                            taken,
                            1,
                            random.nextBoolean());
        };
    }

    static byte[] body(Event event) {
        Bytes bytes = new Bytes(1);
        EventWriter.write(bytes, AT.toEpochMilli(), event);
        byte[] frame = bytes.drain();
        byte[] body = new byte[frame.length - Bytes.FRAME];
        System.arraycopy(frame, Bytes.FRAME, body, 0, body.length);
        return body;
    }

    /// What stands in docs/decisions/0022.
    @Test
    void writesAsItIsDescribed() {
        Bytes bytes = new Bytes(64);
        EventWriter.write(bytes, AT.toEpochMilli(), new Event.Measured(258, 1500));
        assertThat(HexFormat.of().formatHex(bytes.drain()))
                .isEqualTo(
                        "00000011"
                                + CHECKSUM
                                + "03"
                                + "000001a3185c507b"
                                + "00000102"
                                + "000005dc");
    }

    private static final String CHECKSUM = "61611f46";

    @ParameterizedTest
    @CsvSource({
        "'', it ends too early",
        "00, it ends too early",
        "000000000000000000, expected a kind of 1 to 10",
        "0b0000000000000000, expected a kind of 1 to 10",
        "0300000000000000000000000000000001ff, 1 bytes too many",
        "030000000000000000000f424000000001, 'ask: expected 0 to 1000000, got 1000000'",
        "030000000000000000ffffffff00000001, 'ask: expected 0 to 1000000, got -1'",
        "03000000000000000000000000ffffffff, latency: expected 0 or more",
        "03000000000000000000000000, it ends too early",
        "02000000000000000000000000000000000000000000000000000000000000, slots: expected 1 to 100",
        "0200000000000000000000000001020000000000000000, 'flag: expected 0 or 1, got 2'",
        "0600000000000000000000000000000000000000000100000005, list: it can't have 5 elements",
        "0600000000000000000000000000000000010900, constraint: expected a kind of 1 to 5",
        "06000000000000000000000000000000000102ff00, attribute: there is none with number -1",
        "0600000000000000000000000000000000010200, it ends too early",
        "060000000000000000000000000000000001020001, expected to compare NUMBER",
        "0700000000000000000003616263, identifier: expected ord-",
    })
    void rejectsAndSaysWhy(String hex, String why) {
        assertThatThrownBy(() -> EventReader.read(HexFormat.of().parseHex(hex)))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageStartingWith("event")
                .hasMessageContaining(why);
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        Property.holds(
                3000,
                random -> {
                    byte[] body = body(event(random));
                    for (int i = random.nextInt(4); i > 0; i--) {
                        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
                    }
                    read(body);
                });
    }

    /// Reads a body, which must be refused or be written the same.
    static void read(byte[] body) {
        try {
            EventReader.Timed read = EventReader.read(body);
            Bytes again = new Bytes(64);
            EventWriter.write(again, read.at().toEpochMilli(), read.event());
            assertThat(
                            EventReader.read(
                                    java.util.Arrays.copyOfRange(
                                            again.drain(), Bytes.FRAME, 8 + body.length)))
                    .isEqualTo(read);
        } catch (RecordFormatException refused) {
            assertThat(refused.reason()).startsWith("event");
        }
    }

    /// Reads a file to its end.
    static int readFile(byte[] file) throws IOException {
        int events = 0;
        try (SegmentReader reader = new SegmentReader(new ByteArrayInputStream(file))) {
            Optional<EventReader.Timed> next = reader.next();
            while (next.isPresent()) {
                events++;
                next = reader.next();
            }
        } catch (RecordFormatException refused) {
            assertThat(refused.reason()).isNotEmpty();
        }
        return events;
    }
}
