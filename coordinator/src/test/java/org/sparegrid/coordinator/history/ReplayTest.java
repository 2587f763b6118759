// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.testsupport.Property;

class ReplayTest {
    private static final long LARGE = 64L << 20;
    private static final int FULL = Boolean.getBoolean("sparegrid.full") ? 20 : 1;

    @TempDir private Path temporary;
    private final AtomicInteger folders = new AtomicInteger();
    private final AtomicLong millis = new AtomicLong(1_800_000_000_000L);
    private final InstantSource clock = () -> Instant.ofEpochMilli(millis.getAndIncrement());

    private RecordFolder folder() {
        return new RecordFolder(temporary.resolve("" + folders.incrementAndGet()));
    }

    /// Records a market until it has done so much.
    private RecordedMarket record(
            RecordFolder folder, RandomGenerator random, long bytesMax, int steps) {
        try (MarketRecord record = MarketRecord.open(folder, bytesMax, clock)) {
            RecordedMarket market = new RecordedMarket(random, record);
            live(market, record, random, steps);
            return market;
        }
    }

    private static void live(
            RecordedMarket market, MarketRecord record, RandomGenerator random, int steps) {
        for (int i = 0; i < steps; i++) {
            market.live();
            if (random.nextInt(60) == 0) {
                record.tick(market);
            }
        }
        record.flush();
    }

    private static List<Path> files(RecordFolder folder) throws IOException {
        return folder.files();
    }

    @Test
    void choosesTheSameAgain() {
        Property.holds(
                8 * FULL,
                random -> {
                    RecordFolder folder = folder();
                    RecordedMarket market = record(folder, random, LARGE, 2000);
                    Outcome outcome = Outcome.of(folder);
                    assertThat(outcome.different).isEmpty();
                    assertThat(outcome.unchecked).isEmpty();
                    assertThat(outcome.same).hasSize(market.choices());
                    assertThat(outcome.result.faults()).isEmpty();
                    assertThat(outcome.result.notes()).isEmpty();
                    assertThat(outcome.result.book().offers()).isEqualTo(market.bound());
                });
    }

    @Test
    void choosesTheSameAgainFromWhicheverFilesAreLeft() {
        Property.holds(
                3 * FULL,
                random -> {
                    RecordFolder folder = folder();
                    record(folder, random, 1 << 20, 12_000);
                    List<Path> files = files(folder);
                    assertThat(files).hasSizeGreaterThan(3);
                    assertThat(size(folder)).isLessThanOrEqualTo(1 << 20);
                    Outcome all = Outcome.of(folder);
                    assertThat(all.different).isEmpty();
                    assertThat(all.result.faults()).isEmpty();
                    for (int gone = 0; gone < 2; gone++) {
                        Files.delete(files.get(gone));
                        Outcome rest = Outcome.of(folder);
                        assertThat(rest.different).isEmpty();
                        assertThat(rest.result.faults()).isEmpty();
                        assertThat(rest.same).isNotEmpty();
                        // All that is checked at all is the end of what was checked before.
                        int from = all.same.size() - rest.same.size();
                        assertThat(rest.same).isEqualTo(all.same.subList(from, all.same.size()));
                    }
                });
    }

    private static long size(RecordFolder folder) throws IOException {
        long sum = 0;
        for (Path file : folder.files()) {
            sum += Files.size(file);
        }
        return sum;
    }

    @Test
    void goesOnBehindAFileThatIsMissing() {
        Property.holds(
                3 * FULL,
                random -> {
                    RecordFolder folder = folder();
                    record(folder, random, 1 << 20, 12_000);
                    Files.delete(files(folder).get(1));
                    Outcome outcome = Outcome.of(folder);
                    assertThat(outcome.different).isEmpty();
                    assertThat(outcome.result.faults()).isEmpty();
                    assertThat(outcome.result.notes())
                            .singleElement()
                            .asString()
                            .contains("something was left out");
                    assertThat(outcome.same).isNotEmpty();
                });
    }

    @Test
    void leavesOutWhatTheDiskIsTooSlowForAndBeginsAnew() throws Exception {
        RecordFolder folder = folder();
        RandomGenerator random = RandomGenerator.getDefault();
        try (MarketRecord record = MarketRecord.open(folder, LARGE, clock, 1)) {
            RecordedMarket market = new RecordedMarket(random, record);
            live(market, record, random, 300);
            for (int i = 0; record.isOn(); i++) {
                // So fast no disk is that does one thing after the other.
                market.live();
                record.flush();
                assertThat(i).isLessThan(10_000_000);
            }
            live(market, record, random, 200);
            while (!record.isOn()) {
                record.tick(market);
            }
            for (int i = 0; i < 500; i++) {
                Thread.sleep(1); // the disk's turn
                record.tick(market);
                market.live();
            }
            record.flush();
        }
        Outcome outcome = Outcome.of(folder);
        assertThat(outcome.different).isEmpty();
        assertThat(outcome.result.faults()).isEmpty();
        assertThat(outcome.result.notes()).isNotEmpty();
        assertThat(outcome.result.notes())
                .allSatisfy(note -> assertThat(note).contains("something was left out"));
        assertThat(outcome.same).isNotEmpty();
    }

    @Test
    void beginsAnewWithEachMarket() throws Exception {
        RecordFolder folder = folder();
        RandomGenerator random = RandomGenerator.getDefault();
        int first = record(folder, random, LARGE, 500).choices();
        Instant between = clock.instant();
        int second = record(folder, random, LARGE, 500).choices();
        Outcome all = Outcome.of(folder);
        assertThat(all.same).hasSize(first + second);
        assertThat(all.result.files()).isEqualTo(2);
        Outcome early = Outcome.of(folder, Instant.EPOCH, between);
        assertThat(early.same).hasSize(first);
        Outcome late = Outcome.of(folder, between.plusMillis(1), Instant.MAX);
        assertThat(late.same).hasSize(second);
        assertThat(late.result.files()).isEqualTo(1);
    }

    @Test
    void acceptsThatAKilledMarketLeavesATornEvent() throws Exception {
        RecordFolder folder = folder();
        RandomGenerator random = RandomGenerator.getDefault();
        record(folder, random, LARGE, 800);
        Path file = files(folder).getFirst();
        byte[] whole = Files.readAllBytes(file);
        int all = Outcome.of(folder).same.size();
        for (int cut = 1; cut < 400; cut += 13) {
            Files.write(file, Arrays.copyOf(whole, whole.length - cut));
            Outcome outcome = Outcome.of(folder);
            assertThat(outcome.different).isEmpty();
            assertThat(outcome.result.faults()).isEmpty();
            assertThat(outcome.same.size()).isBetween(all - 60, all);
        }
        record(folder, random, LARGE, 100);
        Outcome outcome = Outcome.of(folder);
        assertThat(outcome.result.faults()).isEmpty();
        assertThat(outcome.result.notes())
                .allSatisfy(note -> assertThat(note).contains("ends within an event"));
        Files.write(file, Arrays.copyOf(whole, 10));
        assertThat(Outcome.of(folder).result.notes())
                .singleElement()
                .asString()
                .contains("is empty: the coordinator was killed");
    }

    @Test
    void findsEveryFlippedBit() {
        RecordFolder folder = folder();
        record(folder, RandomGenerator.getDefault(), LARGE, 300);
        Property.holds(
                60 * FULL,
                random -> {
                    Path file = files(folder).getFirst();
                    byte[] whole = Files.readAllBytes(file);
                    byte[] changed = whole.clone();
                    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                    Files.write(file, changed);
                    Outcome outcome = Outcome.of(folder);
                    assertThat(outcome.different).isEmpty();
                    // A longer length looks like an event that was cut off.
                    assertThat(outcome.result.faults().size() + outcome.result.notes().size())
                            .isEqualTo(1);
                    Files.write(file, whole);
                });
    }

    @Test
    void callsAnEventThatIsCutOffBeforeTheNextFileAFault() {
        Property.holds(
                2,
                random -> {
                    RecordFolder folder = folder();
                    record(folder, random, 1 << 20, 12_000);
                    Path second = files(folder).get(1);
                    byte[] whole = Files.readAllBytes(second);
                    Files.write(second, Arrays.copyOf(whole, whole.length - 1));
                    Outcome outcome = Outcome.of(folder);
                    assertThat(outcome.result.faults())
                            .singleElement()
                            .asString()
                            .contains("ends within an event, and the next file follows it");
                    assertThat(outcome.different).isEmpty();
                });
    }

    @Test
    void findsAnotherChoiceThanTheEngines() {
        Property.holds(
                5 * FULL,
                random -> {
                    RecordFolder folder = folder();
                    try (MarketRecord record = MarketRecord.open(folder, LARGE, clock)) {
                        RecordedMarket market = new RecordedMarket(random, record);
                        live(market, record, random, 400);
                        // Nobody was ever told of that ask's price and slots.
                        record.add(
                                new Event.Pinned(
                                        RecordedMarket.order(99_999),
                                        org.sparegrid.coordinator.market.book.Demand.of(
                                                1,
                                                org.sparegrid.coordinator.market.Constraints.NONE,
                                                org.sparegrid.protocol.Credits.MAX),
                                        List.of(),
                                        List.of(new Event.Taken(3, 0))));
                        record.flush();
                    }
                    Outcome outcome = Outcome.of(folder);
                    assertThat(outcome.different)
                            .singleElement()
                            .asString()
                            .contains("is now 0 slots [], 1 missing");
                });
    }

    @Test
    void findsThatTheBookIsNotWhatIsSaidOfIt() throws Exception {
        RecordFolder folder = folder();
        RandomGenerator random = RandomGenerator.getDefault();
        try (MarketRecord record = MarketRecord.open(folder, LARGE, clock)) {
            RecordedMarket market = new RecordedMarket(random, record);
            live(market, record, random, 400);
            Event.Asked said = market.say(0);
            Slots other = new Slots(said.slots().count(), !said.slots().open(), 1, 2);
            record.add(
                    new Event.Asked(
                            0, true, said.seller(), said.sequence(), said.attributes(), other));
            record.flush();
        }
        assertThat(Outcome.of(folder).result.faults())
                .singleElement()
                .asString()
                .contains("offer 0 differs from the book's");
    }

    @Test
    void refusesOtherVersionsAndOtherFiles() throws Exception {
        RecordFolder folder = folder();
        record(folder, RandomGenerator.getDefault(), LARGE, 100);
        Path file = files(folder).getFirst();
        byte[] whole = Files.readAllBytes(file);
        byte[] newer = whole.clone();
        newer[9] = 2;
        Files.write(file, newer);
        assertThat(Outcome.of(folder).result.faults())
                .containsExactly(
                        "0000000001.record: it has version 2, this program reads version 1; use the"
                                + " program that wrote it");
        Files.writeString(file, "something else that is long enough for a header");
        assertThat(Outcome.of(folder).result.faults())
                .containsExactly("0000000001.record: it is no record of a market");
        Files.delete(file);
        Files.write(folder.file(7), whole);
        assertThat(Outcome.of(folder).result.faults())
                .containsExactly("0000000007.record: it was number 1");
    }

    @Test
    void saysWhereThereIsNoRecord() {
        assertThatThrownBy(() -> Outcome.of(folder()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no record of the market in")
                .hasMessageContaining("market-record");
    }

    @Test
    void goesOffWithoutHarmWhereNothingCanBeWritten() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "not a folder");
        RandomGenerator random = RandomGenerator.getDefault();
        RecordedMarket unkept = record(new RecordFolder(file), random, LARGE, 200);
        assertThat(unkept.choices()).isPositive();

        RecordFolder folder = folder();
        try (MarketRecord record = MarketRecord.open(folder, LARGE, clock)) {
            RecordedMarket market = new RecordedMarket(random, record);
            Files.createDirectory(folder.file(1)); // where the first file is to be
            live(market, record, random, 200);
            while (record.isOn()) {
                Thread.sleep(1); // until the disk's thread has failed
            }
            live(market, record, random, 200);
            assertThat(record.tick(market)).isFalse();
            assertThat(market.choices()).isPositive();
        }
        assertThat(Files.list(folder.path())).hasSize(1);
    }
}
