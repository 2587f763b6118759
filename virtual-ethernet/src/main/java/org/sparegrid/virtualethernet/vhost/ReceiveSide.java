// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.GuestMemory;

/// Writes frames into the buffers that a guest offers for them.
final class ReceiveSide {
    /// Bytes of virtio's header; the last two say how many buffers a frame fills.
    static final int HEADER_LENGTH = 12;

    private static final int COUNT = 10;

    private final SplitRing ring;
    private final boolean mergeable;
    private final DescriptorChain chain = new DescriptorChain();
    private final int[] heads = new int[SplitRing.SIZE_MAX];
    private final int[] lengths = new int[SplitRing.SIZE_MAX];
    private final long[] countAt = new long[2];
    private final byte[] single = new byte[1];
    private int buffers;
    private int written;
    private int part;
    private long filled;

    /// @param mergeable whether one frame may fill several buffers
    ReceiveSide(SplitRing ring, boolean mergeable) {
        this.ring = ring;
        this.mergeable = mergeable;
    }

    SplitRing ring() {
        return ring;
    }

    /// Writes one frame and lets the guest see it.
    ///
    /// @param header of virtio, whose count is set
    /// @return false if there is no room
    boolean write(byte[] header, byte[] bytes, int at, int length) throws GuestFaultException {
        buffers = 0;
        written = 0;
        if (!begin() || !put(header, 0, HEADER_LENGTH) || !put(bytes, at, length)) {
            ring.untake(buffers);
            return false;
        }
        GuestMemory memory = ring.memory();
        for (int i = 0; i < countAt.length; i++) {
            single[0] = (byte) (buffers >>> (8 * i));
            memory.write(countAt[i], single, 0, 1);
        }
        for (int i = 0; i < buffers; i++) {
            ring.give(heads[i], lengths[i]);
        }
        ring.publish();
        return true;
    }

    /// Takes the first or next chain; false if there is none.
    private boolean begin() throws GuestFaultException {
        if ((buffers > 0 && !mergeable) || buffers == heads.length || !ring.hasNext()) {
            return false;
        }
        heads[buffers] = ring.take(chain);
        lengths[buffers] = 0;
        if (chain.readable() != 0) {
            throw new GuestFaultException(
                    "virtio ring: expected a buffer to write, got one to read");
        }
        buffers++;
        part = 0;
        filled = 0;
        return true;
    }

    private boolean put(byte[] bytes, int at, int length) throws GuestFaultException {
        int done = 0;
        while (done < length) {
            if (part == chain.count()) {
                if (!begin()) {
                    return false;
                }
            } else if (filled == chain.length(part)) {
                part++;
                filled = 0;
            } else {
                done += putPart(bytes, at + done, length - done);
            }
        }
        return true;
    }

    /// Fills the rest of one buffer, and remembers where the count is to be.
    private int putPart(byte[] bytes, int at, int lengthMax) throws GuestFaultException {
        int size = (int) Math.min(lengthMax, chain.length(part) - filled);
        long address = chain.address(part) + filled;
        ring.memory().write(address, bytes, at, size);
        for (int i = 0; i < countAt.length; i++) {
            int offset = COUNT + i - written;
            if (offset >= 0 && offset < size) {
                countAt[i] = address + offset;
            }
        }
        written += size;
        filled += size;
        lengths[buffers - 1] += size;
        return size;
    }
}
