// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.meter;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Counts for one attachment. Safe for many threads.
public final class Meter {
    private final LongAdder framesIn = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder framesOut = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final Map<PublicKey, PeerCount> peers = new ConcurrentHashMap<>();
    private final Map<DropReason, LongAdder> drops = new EnumMap<>(DropReason.class);

    /// Peers that are counted one by one; the members of a network are far fewer, but a buyer's
    /// computers come and go.
    static final int PEERS_MAX = 8192;

    /// Short beside what a change of path costs anyway.
    private static final long LOOK_NANOS = 1_000_000_000L;

    private volatile long lookDueNanos;

    /// What was exchanged with one peer. What of it went directly is not counted packet by packet
    /// but at each look, and belongs to the thread that holds this object.
    private static final class PeerCount {
        private final LongAdder bytesTo = new LongAdder();
        private final LongAdder bytesFrom = new LongAdder();
        private boolean direct;
        private long seenTo;
        private long seenFrom;
        private long directTo;
        private long directFrom;

        synchronized void look(boolean directNow) {
            long to = bytesTo.sum();
            long from = bytesFrom.sum();
            if (direct && directNow) {
                directTo += to - seenTo;
                directFrom += from - seenFrom;
            }
            seenTo = to;
            seenFrom = from;
            direct = directNow;
        }

        synchronized TrafficCounters.Peer read() {
            return new TrafficCounters.Peer(bytesTo.sum(), bytesFrom.sum(), directTo, directFrom);
        }
    }

    /// Everything at zero.
    public Meter() {
        for (DropReason reason : DropReason.values()) {
            drops.put(reason, new LongAdder());
        }
    }

    /// Frames of the local machine go to at least one peer.
    public void sentIn(int frames, long totalBytes) {
        framesIn.add(frames);
        bytesIn.add(totalBytes);
    }

    /// Some of those bytes go to that peer.
    public void sentTo(PublicKey peer, long totalBytes) {
        PeerCount count = of(peer);
        if (count != null) {
            count.bytesTo.add(totalBytes);
        }
    }

    /// A frame of a peer was delivered to the local machine.
    public void deliveredOut(PublicKey peer, int lengthBytes) {
        framesOut.increment();
        bytesOut.add(lengthBytes);
        PeerCount count = of(peer);
        if (count != null) {
            count.bytesFrom.add(lengthBytes);
        }
    }

    private @Nullable PeerCount of(PublicKey peer) {
        PeerCount known = peers.get(peer);
        return known != null || peers.size() >= PEERS_MAX
                ? known
                : peers.computeIfAbsent(peer, _ -> new PeerCount());
    }

    /// Looks which peers are reached directly now. What was exchanged since the last look counts as
    /// direct where the path was direct then and is now, so that a change of path counts for the
    /// relay. To be called often; it is done once a second.
    public void look(Predicate<PublicKey> isDirect, long nowNanos) {
        if (nowNanos >= lookDueNanos) {
            lookDueNanos = nowNanos + LOOK_NANOS;
            look(isDirect);
        }
    }

    private void look(Predicate<PublicKey> isDirect) {
        peers.forEach((peer, count) -> count.look(isDirect.test(peer)));
    }

    /// What was exchanged with a peer directly, both ways, up to the last look.
    public long directBytes(PublicKey peer) {
        PeerCount count = peers.get(peer);
        return count == null ? 0 : count.read().directBytes();
    }

    /// A frame or packet was dropped.
    public void dropped(DropReason reason) {
        dropped(reason, 1);
    }

    /// Frames or packets were dropped.
    public void dropped(DropReason reason, int frames) {
        LongAdder count = drops.get(reason);
        if (count != null) {
            count.add(frames);
        }
    }

    /// The counts now, after another look.
    public TrafficCounters counters(Predicate<PublicKey> isDirect) {
        look(isDirect);
        return counters();
    }

    /// The counts now.
    public TrafficCounters counters() {
        Map<DropReason, Long> nonZero = new EnumMap<>(DropReason.class);
        drops.forEach((reason, count) -> {
            if (count.sum() > 0) {
                nonZero.put(reason, count.sum());
            }
        });
        Map<PublicKey, TrafficCounters.Peer> byPeer = new HashMap<>();
        peers.forEach((peer, count) -> byPeer.put(peer, count.read()));
        return new TrafficCounters(
                framesIn.sum(), bytesIn.sum(), framesOut.sum(), bytesOut.sum(), byPeer, nonZero);
    }
}
