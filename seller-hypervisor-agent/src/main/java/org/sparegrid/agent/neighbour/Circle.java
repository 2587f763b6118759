// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.sparegrid.agent.image.ChunkExchange;
import org.sparegrid.agent.image.SharedImage;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.Neighbour;

/// One image that this computer exchanges with neighbours. Any thread may call.
///
/// Each chunk has one computer of the circle that asks the store for it ([Rank]); the others ask
/// that one, and it fetches what it lacks. So a chunk leaves the store once, as long as all agree
/// who is there; where they don't, it leaves it twice.
final class Circle implements ChunkExchange {
    private static final System.Logger LOG = System.getLogger(Circle.class.getName());

    /// Whole ones, and those next in rank, that are asked for what should be there already.
    private static final int TRIES_MAX = 2;

    /// An answer from next door, without fetching.
    private static final long NEAR_NANOS_MAX = Duration.ofSeconds(1).toNanos();

    /// The same for what nobody waits for: a busy computer is still better than a thin line.
    private static final long NEAR_AHEAD_NANOS_MAX = Duration.ofSeconds(5).toNanos();

    /// A guest waits for neighbours for twice what the store takes, and no longer than that, or
    /// shorter than that.
    static final Duration DEMAND_MAX = Duration.ofSeconds(4);

    static final Duration DEMAND_MIN = Duration.ofMillis(500);

    /// What nobody waits for may take longer.
    private static final long AHEAD_NANOS_MAX = Duration.ofSeconds(10).toNanos();

    /// What the store takes until it has given something.
    private static final long USUAL_NANOS_FIRST = Duration.ofMillis(500).toNanos();

    /// What all neighbours together may cost guests that wait; from then on those ask the store.
    static final Duration DELAY_MAX = Duration.ofSeconds(20);

    private final ImageId image;
    private final ExchangeKey key;
    private final LongSupplier nanoClock;
    private final Traffic traffic;
    private final Runnable changed;
    private final Map<String, SharedImage> contents = new LinkedHashMap<>();
    private final Map<String, NeighbourLine> lines = new HashMap<>();
    private final Set<Sha256Digest> asked = ConcurrentHashMap.newKeySet();
    private final Patience patience = new Patience(DELAY_MAX.toNanos());
    private final AtomicLong gotBytes = new AtomicLong();
    private long namedUntilNanos;
    private long usualNanos = USUAL_NANOS_FIRST;
    private volatile boolean whole;

    /// @param changed is called when all of the image is here
    Circle(
            ImageId image,
            ExchangeKey key,
            LongSupplier nanoClock,
            Traffic traffic,
            Runnable changed) {
        this.image = image;
        this.key = key;
        this.nanoClock = nanoClock;
        this.traffic = traffic;
        this.changed = changed;
        this.namedUntilNanos = nanoClock.getAsLong();
    }

    synchronized void join(String lease, SharedImage content) {
        contents.put(lease, content);
        whole |= content.isWhole();
    }

    /// Forgets a lease; says whether it was the last.
    synchronized boolean leave(String lease) {
        contents.remove(lease);
        return contents.isEmpty();
    }

    synchronized boolean has(String lease) {
        return contents.containsKey(lease);
    }

    boolean isWhole() {
        return whole;
    }

    ImageId image() {
        return image;
    }

    /// What came from neighbours.
    long gotBytes() {
        return gotBytes.get();
    }

    /// The coordinator has named who is there.
    synchronized void named(CoordinatorMessage.Neighbours now) {
        Map<String, Neighbour> named = new HashMap<>();
        now.neighbours().forEach(each -> named.put(each.certificate(), each));
        named.remove(key.digest());
        lines.values()
                .removeIf(line -> {
                    boolean gone = !named.containsKey(line.certificate());
                    if (gone) {
                        line.close();
                    }
                    return gone;
                });
        named.forEach((certificate, each) ->
                lines.computeIfAbsent(certificate, _ -> new NeighbourLine(each, key, nanoClock))
                        .update(each));
        namedUntilNanos = nanoClock.getAsLong() + Math.max(0, now.secondsMax()) * 1_000_000_000L;
        if (!whole) {
            lines.values().forEach(NeighbourLine::isUsable);
        }
    }

    /// Whether the computer with that certificate may have this image's chunks now.
    synchronized boolean serves(String certificate) {
        return areNamed() && lines.containsKey(certificate);
    }

    synchronized List<NeighbourLine> lines() {
        return areNamed() ? List.copyOf(lines.values()) : List.of();
    }

    /// A chunk for a neighbour.
    Optional<ByteBuffer> give(ChunkRequest request)
            throws java.io.IOException, InterruptedException {
        Optional<SharedImage> content = content();
        // Who waits for another neighbour must not be waited for: that could go in a circle.
        long waitMillis = asked.contains(request.chunk()) ? 0 : request.waitMillis();
        return content.isEmpty()
                ? Optional.empty()
                : content.get().chunk(request.chunk(), waitMillis * 1_000_000);
    }

    @Override
    public Optional<ByteBuffer> ask(ChunkReference chunk, Why why) {
        List<NeighbourLine> usable =
                traffic.isAllowed()
                        ? lines().stream().filter(NeighbourLine::isUsable).toList()
                        : List.of();
        if (usable.isEmpty() || (why == Why.DEMAND && isLost())) {
            return Optional.empty();
        }
        long began = nanoClock.getAsLong();
        Question question = new Question(chunk, why, began + bound(why), usual());
        Optional<ByteBuffer> answer = ask(question, usable);
        if (why == Why.DEMAND) {
            waited(nanoClock.getAsLong() - began, question.usualNanos);
        }
        answer.ifPresent(bytes -> {
            traffic.got(bytes.remaining());
            gotBytes.addAndGet(bytes.remaining());
        });
        return answer;
    }

    @Override
    public synchronized void stored(long tookNanos) {
        // One part in eight of each new measurement counts, as in TCP (RFC 6298).
        usualNanos += (tookNanos - usualNanos) / 8;
    }

    @Override
    public void whole() {
        whole = true;
        closeLines();
        changed.run();
    }

    /// Why neighbours aren't asked any more, by the beginning of their certificates' digests.
    List<String> left() {
        List<String> left = new ArrayList<>();
        for (NeighbourLine line : lines()) {
            line.left().ifPresent(why -> left.add(line.certificate().substring(0, 8) + ": " + why));
        }
        return left;
    }

    synchronized void closeLines() {
        lines.values().forEach(NeighbourLine::close);
    }

    private record Question(ChunkReference chunk, Why why, long untilNanos, long usualNanos) {}

    /// Whole ones have it; else the one whose turn it is gets it, unless that is this computer.
    private Optional<ByteBuffer> ask(Question question, List<NeighbourLine> usable) {
        Comparator<String> rank = Rank.of(question.chunk.digest());
        Comparator<NeighbourLine> order =
                (one, other) -> rank.compare(one.certificate(), other.certificate());
        List<NeighbourLine> first =
                usable.stream().filter(NeighbourLine::isWhole).sorted(order).toList();
        Optional<ByteBuffer> answer = ifHere(question, first);
        if (answer.isPresent()) {
            return answer;
        }
        List<NeighbourLine> parts =
                usable.stream().filter(line -> !line.isWhole()).sorted(order).toList();
        List<NeighbourLine> before =
                parts.stream()
                        .filter(line -> rank.compare(line.certificate(), key.digest()) < 0)
                        .toList();
        // What a neighbour wants of this computer is this computer's turn.
        return question.why == Why.NEIGHBOUR || before.isEmpty()
                ? ifHere(question, parts)
                : haveFetched(question, before);
    }

    private Optional<ByteBuffer> ifHere(Question question, List<NeighbourLine> from) {
        for (NeighbourLine line : from.subList(0, Math.min(TRIES_MAX, from.size()))) {
            Optional<ByteBuffer> answer = ask(line, question, false);
            if (answer.isPresent()) {
                return answer;
            }
        }
        return Optional.empty();
    }

    private Optional<ByteBuffer> haveFetched(Question question, List<NeighbourLine> from) {
        boolean mine = asked.add(question.chunk.digest());
        try {
            for (NeighbourLine line : from.subList(0, Math.min(TRIES_MAX, from.size()))) {
                Optional<ByteBuffer> answer = ask(line, question, true);
                if (answer.isPresent()) {
                    return answer;
                }
            }
            return Optional.empty();
        } finally {
            if (mine) {
                asked.remove(question.chunk.digest());
            }
        }
    }

    private Optional<ByteBuffer> ask(NeighbourLine line, Question question, boolean fetch) {
        long began = nanoClock.getAsLong();
        long left = question.untilNanos - began;
        if (left <= 0) {
            return Optional.empty();
        }
        long near = question.why == Why.AHEAD ? NEAR_AHEAD_NANOS_MAX : NEAR_NANOS_MAX;
        // The neighbour's own time is a little shorter, so that its answer comes in time.
        int waitMillis =
                fetch ? (int) Math.min(ChunkRequest.WAIT_MILLIS_MAX, left * 9 / 10_000_000) : 0;
        Optional<ByteBuffer> answer =
                line.ask(
                        new ChunkRequest(waitMillis, image, question.chunk.digest()),
                        question.chunk,
                        fetch ? left : Math.min(left, near));
        if (question.why == Why.DEMAND) {
            line.waited(nanoClock.getAsLong() - began, question.usualNanos);
        }
        if (answer.isEmpty()) {
            line.newlyLeft()
                    .ifPresent(why ->
                            LOG.log(
                                    System.Logger.Level.WARNING,
                                    () ->
                                            "neighbour left image="
                                                    + image
                                                    + " peer="
                                                    + line.certificate().substring(0, 8)
                                                    + " cause="
                                                    + why));
        }
        return answer;
    }

    private long bound(Why why) {
        return switch (why) {
            case DEMAND -> Math.clamp(2 * usual(), DEMAND_MIN.toNanos(), DEMAND_MAX.toNanos());
            case AHEAD -> AHEAD_NANOS_MAX;
            case NEIGHBOUR -> TRIES_MAX * NEAR_NANOS_MAX;
        };
    }

    private synchronized long usual() {
        return usualNanos;
    }

    private synchronized boolean isLost() {
        return patience.isLost();
    }

    private synchronized void waited(long tookNanos, long usual) {
        patience.waited(tookNanos, usual);
    }

    private synchronized boolean areNamed() {
        return namedUntilNanos - nanoClock.getAsLong() > 0;
    }

    private synchronized Optional<SharedImage> content() {
        return contents.values().stream().findFirst();
    }
}
