// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.meter;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
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

    private record PeerCount(LongAdder bytesTo, LongAdder bytesFrom) {}

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
                : peers.computeIfAbsent(peer, _ -> new PeerCount(new LongAdder(), new LongAdder()));
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

    /// The counts now.
    public TrafficCounters counters() {
        Map<DropReason, Long> nonZero = new EnumMap<>(DropReason.class);
        drops.forEach((reason, count) -> {
            if (count.sum() > 0) {
                nonZero.put(reason, count.sum());
            }
        });
        Map<PublicKey, TrafficCounters.Peer> byPeer = new HashMap<>();
        peers.forEach((peer, count) ->
                byPeer.put(
                        peer,
                        new TrafficCounters.Peer(count.bytesTo.sum(), count.bytesFrom.sum())));
        return new TrafficCounters(
                framesIn.sum(), bytesIn.sum(), framesOut.sum(), bytesOut.sum(), byPeer, nonZero);
    }
}
