// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.agent.image.ChunkExchange.Why;
import org.sparegrid.imagetools.chunk.ChunkReference;

/// Which chunk of an image is fetched next: what the guest waits for, then what the last boot
/// needed in its order, then, once the guest is up, the rest.
///
/// One thread at a time.
final class FetchQueue {
    private final Set<ChunkReference> missing;
    private final Set<ChunkReference> fetching = new HashSet<>();
    private final Set<ChunkReference> demanded = new LinkedHashSet<>();
    private final Deque<ChunkReference> expected;
    private final Deque<ChunkReference> rest;
    private final FetchWindow window = new FetchWindow();

    /// What the store gave wrong; it is tried again only if a guest needs it.
    private final Set<ChunkReference> wrong = new HashSet<>();

    private boolean filling;
    private int ahead;

    /// A chunk to be fetched.
    ///
    /// @param why whether a guest waits for it, or a neighbour
    record Fetch(ChunkReference chunk, Why why) {
        boolean demand() {
            return why == Why.DEMAND;
        }
    }

    /// @param missing all that isn't here, in the order of the image
    /// @param expected what the guest will want, in that order; nothing if that isn't known
    FetchQueue(List<ChunkReference> missing, List<ChunkReference> expected) {
        this.missing = new HashSet<>(missing);
        this.expected = new ArrayDeque<>(expected);
        this.rest = new ArrayDeque<>(missing);
    }

    boolean isMissing(ChunkReference chunk) {
        return missing.contains(chunk);
    }

    boolean isUnderWay(ChunkReference chunk) {
        return fetching.contains(chunk);
    }

    boolean isComplete() {
        return missing.isEmpty();
    }

    /// A guest waits for this.
    void demand(ChunkReference chunk) {
        if (missing.contains(chunk)) {
            demanded.add(chunk);
        }
    }

    /// From now on, what nobody asked for is fetched, too.
    void fill() {
        filling = true;
    }

    /// The next one, if one may be begun now. While a guest waits, nothing else is begun, so that
    /// nothing shares the link with what it waits for.
    ///
    /// @param waiting whether a guest waits for any chunk
    Optional<Fetch> next(boolean waiting) {
        for (ChunkReference chunk : demanded) {
            if (begin(chunk)) {
                return Optional.of(new Fetch(chunk, Why.DEMAND));
            }
        }
        if (waiting || ahead >= window.size()) {
            return Optional.empty();
        }
        Optional<ChunkReference> chunk = first(expected);
        if (chunk.isEmpty() && filling) {
            chunk = first(rest);
        }
        chunk.ifPresent(_ -> ahead++);
        return chunk.map(found -> new Fetch(found, Why.AHEAD));
    }

    /// A chunk that a neighbour wants, if it is missing and not under way.
    Optional<Fetch> nextFor(ChunkReference chunk) {
        return !wrong.contains(chunk) && begin(chunk)
                ? Optional.of(new Fetch(chunk, Why.NEIGHBOUR))
                : Optional.empty();
    }

    /// The store has given the chunk.
    ///
    /// @param tookNanos how long its fetch took
    void arrived(Fetch fetch, long tookNanos) {
        arrived(fetch);
        window.took(tookNanos);
    }

    /// The chunk is here.
    void arrived(Fetch fetch) {
        over(fetch);
        missing.remove(fetch.chunk());
        demanded.remove(fetch.chunk());
    }

    /// It couldn't be had this time.
    void failed(Fetch fetch) {
        over(fetch);
        if (fetch.why() == Why.AHEAD) {
            rest.addFirst(fetch.chunk());
        }
    }

    /// What came was something else.
    void wrong(Fetch fetch) {
        over(fetch);
        wrong.add(fetch.chunk());
    }

    private void over(Fetch fetch) {
        fetching.remove(fetch.chunk());
        ahead -= fetch.why() == Why.AHEAD ? 1 : 0;
    }

    private Optional<ChunkReference> first(Deque<ChunkReference> from) {
        while (!from.isEmpty()) {
            ChunkReference chunk = from.removeFirst();
            if (!wrong.contains(chunk) && begin(chunk)) {
                return Optional.of(chunk);
            }
        }
        return Optional.empty();
    }

    private boolean begin(ChunkReference chunk) {
        return missing.contains(chunk) && fetching.add(chunk);
    }
}
