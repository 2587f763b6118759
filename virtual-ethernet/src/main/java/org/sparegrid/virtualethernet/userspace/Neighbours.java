// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// MAC addresses of the machines nearby, and the packets that wait for them. Source: RFC 826.
final class Neighbours {
    /// Addresses remembered; the oldest goes first.
    static final int ENTRIES_MAX = 1024;

    /// Packets that wait for one address; further ones are dropped, TCP sends them again.
    static final int WAITING_MAX = 16;

    /// How long an answer is believed.
    static final long BELIEF_NANOS = 60_000_000_000L;

    /// The least time between two questions for one address. Source: RFC 1122, section 2.3.2.1.
    static final long QUESTION_INTERVAL_NANOS = 1_000_000_000L;

    private static final long UNKNOWN = -1;

    private static final class Entry {
        private long mac = UNKNOWN;
        private long believedUntilNanos;
        private long askedAtNanos;
        private boolean asked;
        private final List<byte[]> waiting = new ArrayList<>();
    }

    private final Map<Integer, Entry> entries = new LinkedHashMap<>();

    /// The MAC address bits of `address`, if known.
    OptionalLong find(int address, long nowNanos) {
        Entry entry = entries.get(address);
        return entry == null || entry.mac == UNKNOWN || nowNanos - entry.believedUntilNanos >= 0
                ? OptionalLong.empty()
                : OptionalLong.of(entry.mac);
    }

    /// Keeps a packet until `address` is known.
    ///
    /// @return whether to ask for the address now
    boolean await(int address, byte[] packet, long nowNanos) {
        if (!entries.containsKey(address) && entries.size() >= ENTRIES_MAX) {
            entries.remove(entries.keySet().iterator().next());
        }
        Entry entry = entries.computeIfAbsent(address, _ -> new Entry());
        if (entry.waiting.size() < WAITING_MAX) {
            entry.waiting.add(packet);
        }
        if (entry.asked && nowNanos - entry.askedAtNanos < QUESTION_INTERVAL_NANOS) {
            return false;
        }
        entry.asked = true;
        entry.askedAtNanos = nowNanos;
        return true;
    }

    /// Takes an answer; one that nobody asked for is ignored.
    ///
    /// @return the packets that waited
    List<byte[]> learn(int address, long mac, long nowNanos) {
        Entry entry = entries.get(address);
        if (entry == null) {
            return List.of();
        }
        entry.mac = mac;
        entry.believedUntilNanos = nowNanos + BELIEF_NANOS;
        entry.asked = false;
        List<byte[]> packets = List.copyOf(entry.waiting);
        entry.waiting.clear();
        return packets;
    }

    void clear() {
        entries.clear();
    }
}
