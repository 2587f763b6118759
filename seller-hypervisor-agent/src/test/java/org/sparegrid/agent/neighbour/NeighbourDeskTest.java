// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.image.GuestImage;
import org.sparegrid.agent.image.StreamedImage;

/// What a computer fetches from its neighbours.
class NeighbourDeskTest extends NeighbourSite {
    @Test
    void eightThatBeginTogetherTakeTheImageFromTheStoreAboutOnce() throws Exception {
        shelf.lineNanos = TimeUnit.MILLISECONDS.toNanos(5);
        List<Pair> pairs = eight();
        together(
                pairs,
                pair -> {
                    for (long at = 0; at + READ_BYTES <= SIZE_BYTES / 3; at += READ_BYTES) {
                        assertThat(Computer.read(pair.image(), at, READ_BYTES)).isEqualTo(part(at));
                    }
                    pair.image().booted();
                    Computer.awaitWhole(pair.image());
                });
        double times = shelf.fetchedBytes.get() / (double) SIZE_BYTES;
        System.out.printf("neighbours: 8 computers took %.3f images from the store%n", times);
        assertThat(times).isLessThan(1.25);
        long got = 0;
        long sent = 0;
        for (Pair pair : pairs) {
            got += pair.computer().desk.report().gotBytes();
            sent += pair.computer().desk.report().sentBytes();
            while (!pair.computer().self().whole()) {
                Thread.sleep(2);
            }
            pair.computer().store.release("lease");
            assertThat(pair.computer().lendAny(image, shelf)).isInstanceOf(GuestImage.Whole.class);
        }
        assertThat(got + shelf.fetchedBytes.get()).isGreaterThanOrEqualTo(8L * SIZE_BYTES);
        assertThat(sent).isGreaterThanOrEqualTo(got);
    }

    @Test
    void whoWasToldFirstReachesTheOtherOnceThatIsToldToo() throws Exception {
        Computer first = computer();
        first.lend(image, shelf).booted();
        Computer second = computer();
        StreamedImage stream = second.lend(image, shelf);
        second.named(image, List.of(first.self()));
        assertThat(Computer.read(stream, 0, READ_BYTES)).isEqualTo(part(0));
        first.named(image, List.of(second.self()));
        while (!second.isMet()) {
            Thread.sleep(2);
        }
        assertThat(second.desk.report().left()).isEmpty();
    }

    @Test
    void whoComesLaterTakesNothingFromTheStore() throws Exception {
        Computer first = computer();
        StreamedImage whole = first.lend(image, shelf);
        whole.booted();
        Computer.awaitWhole(whole);
        first.store.release("lease");
        assertThat(first.lendAny(image, shelf)).isInstanceOf(GuestImage.Whole.class);
        long before = shelf.fetchedBytes.get();
        Computer second = computer();
        StreamedImage later = second.lend(image, shelf);
        Computer.introduce(image, List.of(first, second));
        while (!second.isMet()) {
            Thread.sleep(2);
        }
        assertThat(Computer.read(later, 3_000_000, READ_BYTES)).isEqualTo(part(3_000_000));
        later.booted();
        Computer.awaitWhole(later);
        assertThat(shelf.fetchedBytes.get() - before).isZero();
        assertThat(second.desk.report().gotBytes()).isEqualTo(SIZE_BYTES);
    }

    @Test
    void whoGivesSomethingElseIsLeftAtOnceAndNothingOfItIsUsed() throws Exception {
        FakeNeighbour liar =
                fake((request, out) -> {
                    byte[] bytes = shelf.chunks.get(request.chunk()).clone();
                    bytes[0] ^= 1;
                    out.write(new AnswerHead(AnswerHead.Kind.HERE, bytes.length).toBytes());
                    out.write(bytes);
                });
        StreamedImage stream = withFake(liar, true);
        stream.booted();
        Computer.awaitWhole(stream);
        assertThat(Computer.read(stream, 0, READ_BYTES)).isEqualTo(part(0));
        assertThat(shelf.fetchedBytes).hasValue(SIZE_BYTES);
        assertThat(liar.asked.get()).isBetween(1, NeighbourLine.CONNECTIONS_MAX);
        assertThat(only().desk.report().left().toString()).contains("something else than chunk");
    }

    @Test
    void aGuestNeverWaitsLongForOneWhoStalls() throws Exception {
        FakeNeighbour silent = fake((_, _) -> Thread.sleep(60_000));
        StreamedImage stream = withFake(silent, true);
        long began = System.nanoTime();
        for (int i = 0; i < 16; i++) {
            Computer.read(stream, i * 300_000L, READ_BYTES);
        }
        long millis = (System.nanoTime() - began) / 1_000_000;
        assertThat(millis).as("three times 1 s, and then no more").isLessThan(12_000);
        assertThat(only().desk.report().left().toString()).contains("took too long");
    }

    @Test
    void oneWhoDripsBytesIsAsSlowAsOneWhoStalls() throws Exception {
        FakeNeighbour drip =
                fake((request, out) -> {
                    byte[] bytes = shelf.chunks.get(request.chunk());
                    out.write(new AnswerHead(AnswerHead.Kind.HERE, bytes.length).toBytes());
                    for (byte each : bytes) {
                        out.write(each);
                        out.flush();
                        Thread.sleep(100);
                    }
                });
        StreamedImage stream = withFake(drip, true);
        long began = System.nanoTime();
        for (int i = 0; i < 16; i++) {
            Computer.read(stream, i * 300_000L, READ_BYTES);
        }
        assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(12_000);
        assertThat(only().desk.report().left()).hasSize(1);
    }

    @Test
    void whoNeverHasWhatItWasToFetchIsLeft() throws Exception {
        FakeNeighbour lazy = fake((_, out) -> out.write(AnswerHead.NOT_HERE.toBytes()));
        StreamedImage stream = withFake(lazy, false);
        stream.booted();
        Computer.awaitWhole(stream);
        assertThat(only().desk.report().left().toString()).contains("had nothing 8 times");
    }

    @Test
    void leavesWhoAnswersWithAnotherLength() throws Exception {
        FakeNeighbour broken =
                fake((request, out) -> {
                    int length = shelf.chunks.get(request.chunk()).length;
                    out.write(new AnswerHead(AnswerHead.Kind.HERE, length - 1).toBytes());
                    out.write(new byte[length - 1]);
                });
        StreamedImage stream = withFake(broken, true);
        assertThat(Computer.read(stream, 0, READ_BYTES)).isEqualTo(part(0));
        assertThat(only().desk.report().left().toString()).contains("expected");
    }
}
