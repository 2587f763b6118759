// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Shares the relay's bandwidth between machines by deficit round robin, so that one that sends a
/// lot delays only itself. Source: Shreedhar and Varghese, SIGCOMM 1995.
final class FairQueue {
    /// Packets of one machine that wait; beyond that the oldest is dropped, so that what arrives is
    /// fresh.
    static final int WAITING_MAX = 64;

    /// Bytes that a machine may send per turn: one full packet.
    static final int QUANTUM_BYTES = 1500;

    /// What a machine that waits for bandwidth may save up: the longest packet and a turn.
    private static final int DEFICIT_MAX = RelayMessage.PACKET_MAX + 2 * QUANTUM_BYTES;

    /// What happens to a packet in the end.
    interface Outlet {
        void forward(PublicKey sender, byte[] datagram, InetSocketAddress to);

        void drop(PublicKey sender, byte[] datagram);
    }

    @SuppressWarnings("ArrayRecordComponent") // lives for one packet, is never compared
    private record Waiting(byte[] datagram, InetSocketAddress to) {}

    private static final class Line {
        final ByteBucket allowance;
        final Deque<Waiting> waiting = new ArrayDeque<>();
        long deficit;

        Line(ByteBucket allowance) {
            this.allowance = allowance;
        }
    }

    private final RelayLimits limits;
    private final Outlet outlet;
    private final ByteBucket total;
    private final Map<PublicKey, Line> lines = new LinkedHashMap<>();
    private int waiting;

    FairQueue(RelayLimits limits, Outlet outlet) {
        this.limits = limits;
        this.outlet = outlet;
        this.total = new ByteBucket(limits.bytesPerSecond(), burst(limits.bytesPerSecond()));
    }

    /// Forwards a packet now or as soon as its sender and the relay may.
    void offer(PublicKey sender, byte[] datagram, InetSocketAddress to, long nowNanos) {
        Line line = lines.computeIfAbsent(sender, _ -> newLine());
        if (waiting == 0
                && line.allowance.take(datagram.length, nowNanos)
                && total.take(datagram.length, nowNanos)) {
            outlet.forward(sender, datagram, to);
            return;
        }
        if (line.waiting.size() == WAITING_MAX) {
            outlet.drop(sender, line.waiting.removeFirst().datagram());
            waiting--;
        }
        line.waiting.addLast(new Waiting(datagram, to));
        waiting++;
    }

    /// Forwards what may go by now, a turn for each machine after the other.
    void drain(long nowNanos) {
        boolean moved = true;
        while (moved && waiting > 0) {
            moved = false;
            for (Map.Entry<PublicKey, Line> entry : lines.entrySet()) {
                moved |= turn(entry.getKey(), entry.getValue(), nowNanos);
            }
        }
    }

    boolean isEmpty() {
        return waiting == 0;
    }

    /// Forgets a machine and what it has waiting.
    void forget(PublicKey sender) {
        Line line = lines.remove(sender);
        if (line != null) {
            waiting -= line.waiting.size();
            line.waiting.forEach(each -> outlet.drop(sender, each.datagram()));
        }
    }

    private boolean turn(PublicKey sender, Line line, long nowNanos) {
        line.deficit =
                line.waiting.isEmpty() ? 0 : Math.min(DEFICIT_MAX, line.deficit + QUANTUM_BYTES);
        boolean moved = false;
        Iterator<Waiting> packets = line.waiting.iterator();
        while (packets.hasNext()) {
            Waiting next = packets.next();
            int length = next.datagram().length;
            if (length > line.deficit) {
                return true;
            }
            if (!line.allowance.take(length, nowNanos)) {
                return moved;
            }
            if (!total.take(length, nowNanos)) {
                return false;
            }
            packets.remove();
            waiting--;
            line.deficit -= length;
            moved = true;
            outlet.forward(sender, next.datagram(), next.to());
        }
        return moved;
    }

    private Line newLine() {
        return new Line(
                new ByteBucket(
                        limits.machineBytesPerSecond(), burst(limits.machineBytesPerSecond())));
    }

    /// An eighth of a second, and at least a few full packets.
    private static long burst(long bytesPerSecond) {
        return Math.max(bytesPerSecond / 8, 64 * 1024);
    }
}
