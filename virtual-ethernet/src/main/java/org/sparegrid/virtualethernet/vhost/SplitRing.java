// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import java.lang.invoke.VarHandle;
import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.GuestMemory;
import org.sparegrid.virtualethernet.linux.SharedArea;

/// One ring through which a guest offers buffers and gets them back, in the guest's memory.
///
/// Our own place in it is kept here; the guest only says where it begins. Source: virtio 1.2,
/// section 2.7.
final class SplitRing {
    /// Entries; what QEMU allows.
    static final int SIZE_MAX = 1024;

    private static final int FLAGS = 0;
    private static final int INDEX = 2;
    private static final int ENTRIES = 4;
    private static final int AVAILABLE_BYTES = 2;
    private static final int USED_BYTES = 8;
    private static final int NO_NOTICE = 1;

    private final GuestMemory memory;
    private final int size;
    private final SharedArea descriptors;
    private final SharedArea available;
    private final SharedArea used;
    private int next;
    private int nextUsed;

    /// Finds the ring's parts in the guest's memory.
    ///
    /// @param next which entry of the guest comes next
    /// @throws GuestFaultException if they are not all there
    SplitRing(GuestMemory memory, int size, VhostMessage.SetRingAddress at, int next)
            throws GuestFaultException {
        this.memory = memory;
        this.size = size;
        descriptors = memory.area(at.descriptors(), size * DescriptorChain.DESCRIPTOR_BYTES, 16);
        available = memory.area(at.available(), ENTRIES + size * AVAILABLE_BYTES, 2);
        used = memory.area(at.used(), ENTRIES + size * USED_BYTES, 4);
        this.next = next;
        nextUsed = used.get16(INDEX);
    }

    /// Which entry comes next.
    int next() {
        return next;
    }

    /// Whether the guest has offered something that was not taken yet.
    boolean hasNext() throws GuestFaultException {
        int offered = (available.get16(INDEX) - next) & 0xffff;
        if (offered > size) {
            throw new GuestFaultException(
                    "virtio ring: expected at most " + size + " offers, got " + offered);
        }
        return offered > 0;
    }

    /// Takes the next chain, of which there must be one.
    ///
    /// @return what it is called when it is given back
    int take(DescriptorChain chain) throws GuestFaultException {
        long entry = ENTRIES + (long) (next & (size - 1)) * AVAILABLE_BYTES;
        int head = available.get16(entry);
        chain.read(descriptors, size, head, memory);
        next = (next + 1) & 0xffff;
        return head;
    }

    /// Gives back a chain; the guest sees it after [#publish].
    void give(int head, int writtenBytes) {
        long entry = ENTRIES + (long) (nextUsed & (size - 1)) * USED_BYTES;
        used.put32(entry, head);
        used.put32(entry + 4, writtenBytes);
        nextUsed = (nextUsed + 1) & 0xffff;
    }

    /// Undoes the last `count` times of taking.
    void untake(int count) {
        next = (next - count) & 0xffff;
    }

    /// Lets the guest see what was given back.
    void publish() {
        used.put16(INDEX, nextUsed);
    }

    /// Whether the guest wants to be woken for what was published.
    boolean wantsCall() {
        VarHandle.fullFence();
        return (available.get16(FLAGS) & NO_NOTICE) == 0;
    }

    /// Whether the guest is to wake us for what it offers.
    void askForKicks(boolean wanted) {
        used.put16(FLAGS, wanted ? 0 : NO_NOTICE);
        VarHandle.fullFence();
    }

    GuestMemory memory() {
        return memory;
    }
}
