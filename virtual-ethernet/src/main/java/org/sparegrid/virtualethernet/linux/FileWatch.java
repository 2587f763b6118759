// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Waits for any of a few files to have something to read. Of one thread.
public final class FileWatch {
    private static final short POLLIN = 1;
    private static final int ENTRY_BYTES = 8;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = LinuxCalls.newState(arena);
    private final MemorySegment entries;
    private final int slots;

    /// Room for so many files.
    public FileWatch(int slots) {
        this.slots = slots;
        entries = arena.allocate((long) slots * ENTRY_BYTES, ENTRY_BYTES);
        for (int i = 0; i < slots; i++) {
            put(i, -1);
        }
    }

    /// Watches a counter in this slot.
    public void watch(int slot, EventCounter counter) {
        put(slot, counter.number());
    }

    /// Watches a socket in this slot.
    public void watch(int slot, VhostSocket socket) {
        put(slot, socket.number());
    }

    /// Watches nothing in this slot.
    public void forget(int slot) {
        put(slot, -1);
    }

    private void put(int slot, int number) {
        entries.set(ValueLayout.JAVA_INT, (long) slot * ENTRY_BYTES, number);
        entries.set(ValueLayout.JAVA_SHORT, slot * (long) ENTRY_BYTES + 4, POLLIN);
        entries.set(ValueLayout.JAVA_SHORT, slot * (long) ENTRY_BYTES + 6, (short) 0);
    }

    /// Waits at most so long, 0 for not at all and -1 for ever; false if nothing is ready.
    public boolean await(int timeoutMillis) throws IOException {
        int ready = LinuxCalls.poll(state, entries, slots, timeoutMillis);
        if (ready < 0 && LinuxCalls.errno(state) != LinuxCalls.EINTR) {
            throw new IOException("poll failed with errno " + LinuxCalls.errno(state));
        }
        return ready > 0;
    }

    /// Whether this slot's file had something to read, or has gone, when [#await] returned.
    public boolean isReady(int slot) {
        return entries.get(ValueLayout.JAVA_SHORT, slot * (long) ENTRY_BYTES + 6) != 0;
    }
}
