// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.GuestMemory;
import org.sparegrid.virtualethernet.linux.SharedArea;

/// The buffers that a guest linked together, as they were when they were read once. To be used
/// again for the next chain.
///
/// ```text
///  offset  size  field     little-endian
///       0     8  address   in the guest's memory
///       8     4  length
///      12     2  flags     1 = another follows, 2 = for us to write, 4 = a table of descriptors
///      14     2  next
/// ```
///
/// Source: virtio 1.2, sections 2.7.5 and 2.7.5.3.
final class DescriptorChain {
    /// Buffers in one chain, and entries of one table; what QEMU allows itself.
    static final int PARTS_MAX = 1024;

    static final int DESCRIPTOR_BYTES = 16;

    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;

    private final byte[] copy = new byte[PARTS_MAX * DESCRIPTOR_BYTES];
    private final ByteBuffer descriptors = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    private final long[] addresses = new long[PARTS_MAX];
    private final long[] lengths = new long[PARTS_MAX];
    private int count;
    private int readable;
    private long total;

    /// Buffers in all.
    int count() {
        return count;
    }

    /// How many of them, the first ones, are for us to read; the rest is for us to write.
    int readable() {
        return readable;
    }

    /// Bytes of all buffers.
    long totalBytes() {
        return total;
    }

    long address(int part) {
        return addresses[part];
    }

    long length(int part) {
        return lengths[part];
    }

    /// Becomes the chain that begins at descriptor `head` of a ring of `size`.
    ///
    /// @throws GuestFaultException if it leaves the ring or the memory, or does not end
    void read(SharedArea ring, int size, int head, GuestMemory memory) throws GuestFaultException {
        count = 0;
        readable = 0;
        total = 0;
        int at = head;
        for (int steps = 0; steps < size; steps++) {
            check(at < size, "a descriptor of the ring", at);
            ring.copy((long) at * DESCRIPTOR_BYTES, copy, 0, DESCRIPTOR_BYTES);
            int flags = flags(0);
            if ((flags & INDIRECT) != 0) {
                check((flags & NEXT) == 0, "a table at the end of its chain", flags);
                readTable(descriptors.getLong(0), length(descriptors, 0), memory);
                return;
            }
            add(0, memory);
            if ((flags & NEXT) == 0) {
                return;
            }
            at = next(0);
        }
        throw fault("a chain that ends", head);
    }

    private void readTable(long address, long bytes, GuestMemory memory)
            throws GuestFaultException {
        check(
                bytes > 0 && bytes <= copy.length && bytes % DESCRIPTOR_BYTES == 0,
                "a table of 1 to 1024 descriptors",
                bytes);
        memory.read(address, copy, 0, (int) bytes);
        int size = (int) bytes / DESCRIPTOR_BYTES;
        int at = 0;
        for (int steps = 0; steps < size; steps++) {
            check(at < size, "a descriptor of the table", at);
            int flags = flags(at);
            check((flags & INDIRECT) == 0, "no table in a table", flags);
            add(at, memory);
            if ((flags & NEXT) == 0) {
                return;
            }
            at = next(at);
        }
        throw fault("a table that ends", size);
    }

    private void add(int index, GuestMemory memory) throws GuestFaultException {
        check(count < PARTS_MAX, "at most 1024 buffers", count);
        long address = descriptors.getLong(index * DESCRIPTOR_BYTES);
        long length = length(descriptors, index);
        check(length > 0, "a buffer of some length", length);
        memory.check(address, length);
        if ((flags(index) & WRITE) == 0) {
            check(readable == count, "buffers to read before those to write", count);
            readable++;
        }
        addresses[count] = address;
        lengths[count] = length;
        count++;
        total += length;
    }

    private static long length(ByteBuffer descriptors, int index) {
        return Integer.toUnsignedLong(descriptors.getInt(index * DESCRIPTOR_BYTES + 8));
    }

    private int flags(int index) {
        return Short.toUnsignedInt(descriptors.getShort(index * DESCRIPTOR_BYTES + 12));
    }

    private int next(int index) {
        return Short.toUnsignedInt(descriptors.getShort(index * DESCRIPTOR_BYTES + 14));
    }

    private static void check(boolean holds, String expected, long got) throws GuestFaultException {
        if (!holds) {
            throw fault(expected, got);
        }
    }

    private static GuestFaultException fault(String expected, long got) {
        return new GuestFaultException("virtio ring: expected " + expected + ", got " + got);
    }
}
