// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import java.nio.ByteBuffer;
import org.sparegrid.virtualethernet.linux.FrontEnd;

/// The guest's side of one ring, in the first region of a front-end's memory.
public final class GuestRing {
    public static final int NEXT = 1;
    public static final int WRITE = 2;
    public static final int INDIRECT = 4;

    private final ByteBuffer memory;
    private final int index;
    private final int size;
    private final int at;
    private int offered;
    private int taken;

    /// @param index of the ring; each has its own 32 KB
    public GuestRing(ByteBuffer memory, int index, int size) {
        this.memory = memory;
        this.index = index;
        this.size = size;
        this.at = 0x10000 * (index + 1);
    }

    public int size() {
        return size;
    }

    public VhostMessage.SetRingAddress address() {
        long user = FrontEnd.USER + at;
        return new VhostMessage.SetRingAddress(index, user, user + 0x6000, user + 0x4000);
    }

    public GuestRing descriptor(int number, long address, int length, int flags, int next) {
        put(at + 16 * number, address, length, flags, next);
        return this;
    }

    /// Writes a descriptor anywhere, as in a table.
    public void put(int where, long address, int length, int flags, int next) {
        memory.putLong(where, address).putInt(where + 8, length);
        memory.putShort(where + 12, (short) flags).putShort(where + 14, (short) next);
    }

    public void offer(int head) {
        memory.putShort(at + 0x4004 + 2 * (offered % size), (short) head);
        offered++;
        index(offered);
    }

    /// Claims to have offered so many.
    public void index(int count) {
        memory.putShort(at + 0x4002, (short) count);
    }

    /// Asks not to be woken.
    public void beQuiet() {
        memory.putShort(at + 0x4000, (short) 1);
    }

    public boolean wantsKicks() {
        return memory.getShort(at + 0x6000) == 0;
    }

    public int used() {
        return Short.toUnsignedInt(memory.getShort(at + 0x6002));
    }

    /// What came back next: its head and the bytes that were written.
    public int[] takeUsed() {
        int entry = at + 0x6004 + 8 * (taken++ % size);
        return new int[] {memory.getInt(entry), memory.getInt(entry + 4)};
    }

    /// The place of the ring's own 32 KB.
    public int at() {
        return at;
    }
}
