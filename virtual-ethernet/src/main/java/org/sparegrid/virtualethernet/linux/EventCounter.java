// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// An `eventfd`, by which one side tells the other that there is something to do.
///
/// One that another process passed may be made to wait by that process at any time, so only a
/// thread that works for nobody else may use it. Source: eventfd(2).
public final class EventCounter implements AutoCloseable {
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final String KERNEL_NAME = "anon_inode:[eventfd]";

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = LinuxCalls.newState(arena);
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
    private final MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
    private final PassedFile file;
    private boolean closed;

    private EventCounter(PassedFile file) {
        this.file = file;
    }

    /// A new one of this process; its calls never wait.
    public static EventCounter create() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int number = LinuxCalls.eventfd(LinuxCalls.newState(arena), NONBLOCK_CLOEXEC);
            return new EventCounter(new PassedFile(number));
        }
    }

    /// One that was passed and is owned by the result.
    ///
    /// @throws GuestFaultException if the file is something else
    public static EventCounter of(PassedFile file) throws IOException, GuestFaultException {
        String name = file.kernelName();
        if (!name.equals(KERNEL_NAME)) {
            throw new GuestFaultException("vhost-user: expected an eventfd, got " + name);
        }
        return new EventCounter(file);
    }

    int number() {
        return file.number();
    }

    /// Wakes the other side; does nothing when this is closed.
    public synchronized void signal() throws IOException {
        if (closed) {
            return;
        }
        // It refuses only if the count is full, and then the other side is awake.
        LinuxCalls.write(state, file.number(), one);
    }

    /// Forgets the signals so far.
    public synchronized void clear() throws IOException {
        if (!closed) {
            LinuxCalls.read(state, file.number(), count);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        file.close();
    }
}
