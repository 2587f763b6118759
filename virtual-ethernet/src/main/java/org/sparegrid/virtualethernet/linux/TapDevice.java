// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/// An open TAP device. It exists until it is closed.
///
/// One thread reads; any thread writes. Source: Linux, Documentation/networking/tuntap.rst.
public final class TapDevice implements AutoCloseable {
    private static final int NAME_LENGTH_MAX = 15;
    private static final int FRAME_MAX = 65_550;
    private static final int READ_WRITE_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    private static final long TUNSETIFF = 0x400454caL;
    private static final short TAP_WITHOUT_PACKET_INFO = 0x0002 | 0x1000;
    private static final short POLLIN = 1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment readState = LinuxCalls.newState(arena);
    private final MemorySegment writeState = LinuxCalls.newState(arena);
    private final MemorySegment in = arena.allocate(FRAME_MAX);
    private final MemorySegment out = arena.allocate(FRAME_MAX);
    private final MemorySegment pollEntry = arena.allocate(LinuxCalls.pollEntry());
    private final int file;
    private boolean closed;

    /// Makes the device `name`.
    ///
    /// @throws IOException if it exists already or the caller may not make devices
    public TapDevice(String name) throws IOException {
        byte[] nameBytes = name.getBytes(US_ASCII);
        if (nameBytes.length == 0 || nameBytes.length > NAME_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "tap: expected a name of 1 to 15 characters, got " + name);
        }
        file =
                LinuxCalls.open(
                        readState, arena.allocateFrom("/dev/net/tun"), READ_WRITE_NONBLOCK_CLOEXEC);
        MemorySegment request = arena.allocate(40, 8);
        MemorySegment.copy(nameBytes, 0, request, ValueLayout.JAVA_BYTE, 0, nameBytes.length);
        request.set(ValueLayout.JAVA_SHORT, 16, TAP_WITHOUT_PACKET_INFO);
        try {
            LinuxCalls.ioctl(readState, file, TUNSETIFF, request);
        } catch (IOException refused) {
            LinuxCalls.close(readState, file);
            arena.close();
            throw new IOException("cannot make the TAP device " + name, refused);
        }
        pollEntry.set(ValueLayout.JAVA_INT, 0, file);
        pollEntry.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
    }

    /// Waits at most `timeoutMillis` for a frame that the machine sends.
    ///
    /// @return the frame, valid until the next call, or an empty buffer
    public ByteBuffer read(int timeoutMillis) throws IOException {
        long length = LinuxCalls.read(readState, file, in);
        if (length < 0 && isTemporary(readState)) {
            LinuxCalls.poll(readState, pollEntry, 1, timeoutMillis);
            length = LinuxCalls.read(readState, file, in);
            if (length < 0 && isTemporary(readState)) {
                length = 0;
            }
        }
        if (length < 0) {
            throw new IOException("read failed with errno " + LinuxCalls.errno(readState));
        }
        return in.asSlice(0, length).asByteBuffer();
    }

    /// Gives a frame to the machine; false if it does not take it now, as when it is down.
    public synchronized boolean write(ByteBuffer frame) {
        if (closed || frame.remaining() > FRAME_MAX) {
            return false;
        }
        int length = frame.remaining();
        MemorySegment target = out.asSlice(0, length);
        target.copyFrom(MemorySegment.ofBuffer(frame));
        try {
            return LinuxCalls.write(writeState, file, target) == length;
        } catch (IOException broken) {
            return false;
        }
    }

    /// Removes the device. The reading thread must have ended.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            LinuxCalls.close(writeState, file);
        } catch (IOException alreadyGone) {
            System.getLogger(TapDevice.class.getName())
                    .log(System.Logger.Level.WARNING, "tap close failed", alreadyGone);
        } finally {
            arena.close();
        }
    }

    private static boolean isTemporary(MemorySegment state) {
        int errno = LinuxCalls.errno(state);
        return errno == LinuxCalls.EAGAIN || errno == LinuxCalls.EINTR;
    }
}
