// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Plays QEMU and its guest: listens at a socket, shares real memory and passes real event
/// counters.
///
/// The guest's memory is one file in two regions: guest address 0 is offset 0, and [#HIGH_GUEST] is
/// offset [#HIGH].
public final class FrontEnd implements AutoCloseable {
    public static final int SIZE = 4 << 20;
    public static final int HIGH = 2 << 20;
    public static final long HIGH_GUEST = 1L << 32;
    public static final long USER = 0x7f0000000000L;
    public static final long HIGH_USER = 0x7f1000000000L;
    public static final int SEAL_SHRINK = 2;

    private static final int F_ADD_SEALS = 1033;
    private static final int[] TWO = {0, 0};

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = LinuxCalls.newState(arena);
    private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
    private final ByteBuffer memory;
    private final int memoryFile;
    private final int[] kicks = TWO.clone();
    private final int[] calls = TWO.clone();
    private int listening = -1;
    private int connection = -1;

    public FrontEnd(int seals) throws IOException {
        memoryFile = (int) call("memfd_create", arena.allocateFrom("guest"), 3);
        call("ftruncate", memoryFile, (long) SIZE);
        if (seals != 0) {
            call("fcntl", memoryFile, F_ADD_SEALS, seals);
        }
        MemorySegment place = LinuxCalls.mmap(state, memoryFile, 0, SIZE);
        memory = whole(place).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 2; i++) {
            kicks[i] = LinuxCalls.eventfd(state, 0);
            calls[i] = LinuxCalls.eventfd(state, 0);
        }
    }

    @SuppressWarnings("restricted") // it was mapped with this length
    private static MemorySegment whole(MemorySegment place) {
        return place.reinterpret(SIZE);
    }

    /// Listens at a socket, as QEMU with `server=on`.
    public FrontEnd listen(Path socket) throws IOException {
        byte[] path = socket.toString().getBytes(StandardCharsets.UTF_8);
        MemorySegment name = arena.allocate(110, 2);
        name.set(JAVA_SHORT, 0, (short) 1);
        MemorySegment.copy(path, 0, name, JAVA_BYTE, 2, path.length);
        listening = LinuxCalls.socket(state, 1, 1);
        LinuxCalls.bind(state, listening, name);
        call("listen", listening, 1);
        return this;
    }

    /// Waits for the port to dial.
    public void accept() throws IOException {
        if (connection >= 0) {
            LinuxCalls.close(state, connection);
        }
        connection = (int) call("accept", listening, MemorySegment.NULL, MemorySegment.NULL);
    }

    /// The guest's memory.
    public ByteBuffer memory() {
        return memory;
    }

    public int memoryFile() {
        return memoryFile;
    }

    public int kickFile(int ring) {
        return kicks[ring];
    }

    public int callFile(int ring) {
        return calls[ring];
    }

    /// Maps the memory as the port does.
    public GuestMemory map() throws IOException, GuestFaultException {
        return GuestMemory.map(
                java.util.List.of(
                        new GuestMemory.Region(0, HIGH, USER, 0),
                        new GuestMemory.Region(HIGH_GUEST, SIZE - HIGH, HIGH_USER, HIGH)),
                java.util.List.of(new PassedFile(memoryFile), new PassedFile(memoryFile)));
    }

    /// Sends bytes and files with them.
    public void send(byte[] bytes, int... files) throws IOException {
        try (Arena own = Arena.ofConfined()) {
            send(own, bytes, files);
        }
    }

    private void send(Arena own, byte[] bytes, int[] files) throws IOException {
        MemorySegment message = own.allocate(256, 8);
        MemorySegment data = own.allocateFrom(JAVA_BYTE, bytes);
        message.set(JAVA_LONG, 16, message.address() + 64);
        message.set(JAVA_LONG, 24, 1);
        message.set(JAVA_LONG, 64, data.address());
        message.set(JAVA_LONG, 72, bytes.length);
        if (files.length > 0) {
            message.set(JAVA_LONG, 32, message.address() + 96);
            message.set(JAVA_LONG, 40, 16 + 4L * files.length);
            message.set(JAVA_LONG, 96, 16 + 4L * files.length);
            message.set(JAVA_INT, 104, 1);
            message.set(JAVA_INT, 108, 1);
            for (int i = 0; i < files.length; i++) {
                message.set(JAVA_INT, 112 + 4L * i, files[i]);
            }
        }
        if (LinuxCalls.sendmsg(state, connection, message) != bytes.length) {
            throw new IOException("sendmsg failed with errno " + LinuxCalls.errno(state));
        }
    }

    /// Receives exactly so many bytes, or null at the end.
    public byte[] receive(int length) throws IOException {
        MemorySegment data = arena.allocate(length);
        for (long at = 0; at < length; ) {
            awaitReadable(connection);
            long count = LinuxCalls.read(state, connection, data.asSlice(at));
            if (count <= 0) {
                return null;
            }
            at += count;
        }
        return data.toArray(JAVA_BYTE);
    }

    /// Wakes the port for a ring.
    public void kick(int ring) throws IOException {
        LinuxCalls.write(state, kicks[ring], one);
    }

    /// Waits until the port wakes the guest for a ring.
    public void awaitCall(int ring) throws IOException {
        awaitReadable(calls[ring]);
        LinuxCalls.read(state, calls[ring], arena.allocate(JAVA_LONG));
    }

    /// A thread that waits in a system call cannot be interrupted by a test's time limit.
    private void awaitReadable(int file) throws IOException {
        MemorySegment entry = arena.allocate(8, 8);
        entry.set(JAVA_INT, 0, file);
        entry.set(JAVA_SHORT, 4, (short) 1);
        if (LinuxCalls.poll(state, entry, 1, 30_000) <= 0) {
            throw new IOException("nothing came within 30 s");
        }
    }

    @Override
    public void close() throws IOException {
        for (int file :
                new int[] {
                    listening, connection, memoryFile, kicks[0], kicks[1], calls[0], calls[1]
                }) {
            if (file >= 0) {
                LinuxCalls.close(state, file);
            }
        }
    }

    @SuppressWarnings("restricted") // a test's own calls
    private static long call(String name, Object... arguments) throws IOException {
        Linker linker = Linker.nativeLinker();
        MemoryLayout[] types = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            types[i] =
                    switch (arguments[i]) {
                        case Integer _ -> JAVA_INT;
                        case Long _ -> JAVA_LONG;
                        default -> ADDRESS;
                    };
        }
        try {
            int result =
                    (int)
                            linker.downcallHandle(
                                            linker.defaultLookup().findOrThrow(name),
                                            FunctionDescriptor.of(JAVA_INT, types))
                                    .invokeWithArguments(arguments);
            if (result < 0) {
                throw new IOException(name + " failed");
            }
            return result;
        } catch (IOException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
