// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

/// Bytes from the first unacknowledged one on, in a ring.
final class SendBuffer {
    /// Bytes that wait for their acknowledgment: a 100 Mbit/s path of 20 ms.
    static final int CAPACITY_BYTES = 256 * 1024;

    private final byte[] ring = new byte[CAPACITY_BYTES];
    private int start;
    private int length;

    int length() {
        return length;
    }

    /// Adds what fits.
    ///
    /// @return how many bytes were added
    int write(byte[] from, int offset, int count) {
        int taken = Math.min(count, CAPACITY_BYTES - length);
        int at = (start + length) % CAPACITY_BYTES;
        int first = Math.min(taken, CAPACITY_BYTES - at);
        System.arraycopy(from, offset, ring, at, first);
        System.arraycopy(from, offset + first, ring, 0, taken - first);
        length += taken;
        return taken;
    }

    /// Copies `count` bytes that begin `offset` bytes behind the first.
    byte[] copy(int offset, int count) {
        byte[] out = new byte[count];
        int at = (start + offset) % CAPACITY_BYTES;
        int first = Math.min(count, CAPACITY_BYTES - at);
        System.arraycopy(ring, at, out, 0, first);
        System.arraycopy(ring, 0, out, first, count - first);
        return out;
    }

    /// Forgets the first `count` bytes.
    void drop(int count) {
        start = (start + count) % CAPACITY_BYTES;
        length -= count;
    }
}
