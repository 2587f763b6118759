// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.image.ChunkExchange.Why;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.testsupport.Property;

class FetchQueueTest {
    private static final long MILLI = 1_000_000;

    private static final List<ChunkReference> CHUNKS =
            IntStream.range(0, 20)
                    .mapToObj(i ->
                            new ChunkReference(Sha256Digest.ofContent(new byte[] {(byte) i}), 1))
                    .toList();

    private static ChunkReference chunk(int number) {
        return CHUNKS.get(number);
    }

    @Test
    void whatAGuestWaitsForComesFirstAndAlone() {
        FetchQueue queue = new FetchQueue(CHUNKS, List.of(chunk(5), chunk(6)));
        queue.demand(chunk(9));
        FetchQueue.Fetch demanded = queue.next(true).orElseThrow();
        assertThat(demanded).isEqualTo(new FetchQueue.Fetch(chunk(9), Why.DEMAND));
        assertThat(queue.next(true)).isEmpty();
        queue.arrived(demanded, MILLI);
        assertThat(queue.next(false)).contains(new FetchQueue.Fetch(chunk(5), Why.AHEAD));
        assertThat(queue.next(false)).contains(new FetchQueue.Fetch(chunk(6), Why.AHEAD));
        assertThat(queue.next(false)).as("the rest waits until the guest is up").isEmpty();
        queue.fill();
        assertThat(queue.next(false)).contains(new FetchQueue.Fetch(chunk(0), Why.AHEAD));
    }

    @Test
    void whatFailedWhileItWasFetchedAheadIsFetchedOnceAGuestWaits() {
        FetchQueue queue = new FetchQueue(CHUNKS, List.of(chunk(5)));
        FetchQueue.Fetch ahead = queue.next(false).orElseThrow();
        queue.demand(chunk(5));
        assertThat(queue.next(true)).as("it is under way").isEmpty();
        queue.failed(ahead);
        assertThat(queue.next(true)).contains(new FetchQueue.Fetch(chunk(5), Why.DEMAND));
    }

    @Test
    void whatWasWrongIsTriedAgainOnlyOnDemand() {
        FetchQueue queue = new FetchQueue(List.of(chunk(0)), List.of(chunk(0)));
        queue.wrong(queue.next(false).orElseThrow());
        queue.fill();
        assertThat(queue.next(false)).isEmpty();
        queue.demand(chunk(0));
        assertThat(queue.next(true)).contains(new FetchQueue.Fetch(chunk(0), Why.DEMAND));
    }

    @Test
    void whatANeighbourWantsIsFetchedOnceAndCountsNeitherAsAheadNorAsDemanded() {
        FetchQueue queue = new FetchQueue(CHUNKS, List.of(chunk(5)));
        FetchQueue.Fetch asked = queue.nextFor(chunk(5)).orElseThrow();
        assertThat(queue.nextFor(chunk(5))).as("it is under way").isEmpty();
        assertThat(queue.next(false)).as("it is under way").isEmpty();
        queue.failed(asked);
        queue.arrived(queue.nextFor(chunk(5)).orElseThrow());
        assertThat(queue.nextFor(chunk(5))).as("it is here").isEmpty();
        queue.fill();
        for (int i = 0; i < 4; i++) {
            assertThat(queue.next(false)).as("the window is empty").isPresent();
        }
        queue.wrong(queue.nextFor(chunk(9)).orElseThrow());
        assertThat(queue.nextFor(chunk(9))).as("the store had it wrong").isEmpty();
    }

    @Test
    void getsAllWhateverFailsAndNeverTheSameTwiceAtOnce() {
        Property.holds(
                300,
                random -> {
                    FetchQueue queue = new FetchQueue(CHUNKS, CHUNKS.subList(3, 9));
                    queue.fill();
                    List<FetchQueue.Fetch> underWay = new ArrayList<>();
                    for (int step = 0; step < 5000 && !queue.isComplete(); step++) {
                        if (random.nextInt(5) == 0) {
                            queue.demand(chunk(random.nextInt(20)));
                        }
                        Optional<FetchQueue.Fetch> next = queue.next(random.nextInt(4) == 0);
                        next.ifPresent(fetch -> {
                            assertThat(underWay).noneMatch(u -> u.chunk().equals(fetch.chunk()));
                            underWay.add(fetch);
                        });
                        if (!underWay.isEmpty() && random.nextBoolean()) {
                            FetchQueue.Fetch done =
                                    underWay.remove(random.nextInt(underWay.size()));
                            if (random.nextInt(4) == 0) {
                                queue.failed(done);
                            } else {
                                queue.arrived(done, (1 + random.nextInt(50)) * MILLI);
                            }
                        }
                    }
                    assertThat(queue.isComplete()).isTrue();
                });
    }

    @Test
    void theWindowGrowsOnAnIdleLinkAndShrinksWhereFetchesQueue() {
        FetchWindow window = new FetchWindow();
        for (int i = 0; i < 300; i++) {
            window.took(50 * MILLI);
        }
        assertThat(window.size()).isEqualTo(FetchWindow.MAX);
        for (int i = 0; i < 300; i++) {
            window.took(300 * MILLI);
        }
        assertThat(window.size()).isEqualTo(2);
    }

    @Test
    void waitsAreAddedUpOnceHoweverManyReadsWait() {
        WaitClock clock = new WaitClock();
        clock.begin(0);
        clock.begin(100 * MILLI);
        clock.end(500 * MILLI);
        assertThat(clock.stalls(900 * MILLI)).isZero();
        assertThat(clock.stalls(1000 * MILLI)).isEqualTo(1);
        clock.end(2000 * MILLI);
        assertThat(clock.isWaiting()).isFalse();
        assertThat(clock.waitedMillis(9000 * MILLI)).isEqualTo(2000);
        assertThat(clock.stalls(9000 * MILLI)).isEqualTo(1);
    }
}
