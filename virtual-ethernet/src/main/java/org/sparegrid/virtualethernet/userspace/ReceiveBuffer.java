// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.util.ArrayList;
import java.util.List;

/// Received bytes that nobody has read, in a ring, with the gaps that lost segments leave.
final class ReceiveBuffer {
    /// Bytes kept, and so the largest window.
    static final int CAPACITY_BYTES = 256 * 1024;

    /// Stretches behind a gap that are remembered; further ones are dropped and sent again.
    static final int STRETCHES_MAX = 256;

    /// A stretch of bytes behind a gap, as offsets from the next byte expected.
    private record Stretch(int start, int end) {}

    private final byte[] ring = new byte[CAPACITY_BYTES];
    private final List<Stretch> stretches = new ArrayList<>();
    private int start;
    private int length;

    /// Bytes that can be read.
    int length() {
        return length;
    }

    /// Bytes that can still be taken, behind those that can be read.
    int free() {
        return CAPACITY_BYTES - length;
    }

    /// Whether bytes behind a gap are kept.
    boolean hasGap() {
        return !stretches.isEmpty();
    }

    /// Takes bytes that begin `offset` behind the next one expected and end within [#free].
    ///
    /// @return by how many bytes the next one expected has advanced
    int accept(int offset, byte[] from, int fromOffset, int count) {
        if (count == 0 || (offset > 0 && stretches.size() >= STRETCHES_MAX)) {
            return 0;
        }
        int at = (start + length + offset) % CAPACITY_BYTES;
        int first = Math.min(count, CAPACITY_BYTES - at);
        System.arraycopy(from, fromOffset, ring, at, first);
        System.arraycopy(from, fromOffset + first, ring, 0, count - first);
        insert(offset, offset + count);
        Stretch head = stretches.getFirst();
        if (head.start > 0) {
            return 0;
        }
        stretches.removeFirst();
        stretches.replaceAll(it -> new Stretch(it.start - head.end, it.end - head.end));
        length += head.end;
        return head.end;
    }

    /// Adds a stretch, joined with those that it touches; the list stays sorted and apart.
    private void insert(int from, int to) {
        int low = from;
        int high = to;
        int index = 0;
        while (index < stretches.size() && stretches.get(index).start <= high) {
            Stretch other = stretches.get(index);
            if (other.end < low) {
                index++;
                continue;
            }
            low = Math.min(low, other.start);
            high = Math.max(high, other.end);
            stretches.remove(index);
        }
        stretches.add(index, new Stretch(low, high));
    }

    /// Moves at most `count` bytes out.
    int read(byte[] into, int offset, int count) {
        int taken = Math.min(count, length);
        int first = Math.min(taken, CAPACITY_BYTES - start);
        System.arraycopy(ring, start, into, offset, first);
        System.arraycopy(ring, 0, into, offset + first, taken - first);
        start = (start + taken) % CAPACITY_BYTES;
        length -= taken;
        return taken;
    }
}
