// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.util.EnumMap;
import java.util.Map;
import org.sparegrid.virtualethernet.probe.ProbeSeal;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.stun.StunMessage;

/// What machines put on the wire, by kind.
final class TrafficTally {
    /// UDP and IPv4 headers, and those of Ethernet are left out.
    private static final int HEADERS_BYTES = 28;

    /// Pings longer than this show what a path carries.
    private static final int PADDED_BYTES = 200;

    /// A keepalive is a sealed nothing.
    private static final int KEEPALIVE_BYTES = 32;

    /// Kinds of datagrams.
    enum Kind {
        BINDS("binds"),
        STUN("STUN"),
        HANDSHAKES("handshakes"),
        PROBES("probes"),
        PADDED("padded pings"),
        KEEPALIVES("keepalives"),
        DATA("data");

        final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    private static final class Count {
        long datagrams;
        long bytes;
    }

    private final Map<Kind, Count> counts = new EnumMap<>(Kind.class);

    /// Counts a datagram that leaves.
    void sent(byte[] datagram) {
        Count count = counts.computeIfAbsent(kind(datagram), _ -> new Count());
        count.datagrams++;
        count.bytes += datagram.length + HEADERS_BYTES;
    }

    void clear() {
        counts.clear();
    }

    void add(TrafficTally other) {
        other.counts.forEach((kind, each) -> {
            Count count = counts.computeIfAbsent(kind, _ -> new Count());
            count.datagrams += each.datagrams;
            count.bytes += each.bytes;
        });
    }

    /// Datagrams of all kinds but data.
    long control() {
        return counts.entrySet().stream()
                .filter(each -> each.getKey() != Kind.DATA)
                .mapToLong(each -> each.getValue().datagrams)
                .sum();
    }

    /// Bytes of all kinds but data.
    long controlBytes() {
        return counts.entrySet().stream()
                .filter(each -> each.getKey() != Kind.DATA)
                .mapToLong(each -> each.getValue().bytes)
                .sum();
    }

    long bytes(Kind kind) {
        Count count = counts.get(kind);
        return count == null ? 0 : count.bytes;
    }

    /// For each kind, datagrams and bytes per machine and second.
    String table(int machines, long seconds) {
        StringBuilder text = new StringBuilder();
        counts.forEach((kind, count) ->
                text.append(
                        "%s %.2f/%.0f B, "
                                .formatted(
                                        kind.label,
                                        count.datagrams / (double) machines / seconds,
                                        count.bytes / (double) machines / seconds)));
        return text
                + "control in all %.2f/%.0f B"
                        .formatted(
                                control() / (double) machines / seconds,
                                controlBytes() / (double) machines / seconds);
    }

    private static Kind kind(byte[] datagram) {
        if (StunMessage.isStun(datagram)) {
            return Kind.STUN;
        }
        boolean relayed = RelayMessage.isRelay(datagram);
        if (relayed && datagram[1] == (byte) 0x80) {
            return Kind.BINDS;
        }
        int at = relayed ? RelayMessage.HEADER_LENGTH : 0;
        int length = datagram.length - at;
        if (datagram[at] == (byte) 0xd1 && length > ProbeSeal.OVERHEAD_BYTES) {
            return length > PADDED_BYTES ? Kind.PADDED : Kind.PROBES;
        }
        if (datagram[at] != 4) {
            return Kind.HANDSHAKES;
        }
        return length == KEEPALIVE_BYTES ? Kind.KEEPALIVES : Kind.DATA;
    }
}
