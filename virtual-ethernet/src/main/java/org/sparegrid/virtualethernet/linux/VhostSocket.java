// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A connection to a unix socket over which files are passed as well. Of one thread; never waits.
public final class VhostSocket implements AutoCloseable {
    /// Files that may come with one piece; the kernel closes the rest and says so.
    public static final int FILES_MAX = 8;

    /// Bytes of one piece at most.
    public static final int PIECE_MAX = 512;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0x800 | 0x80000;
    private static final int PATH_MAX = 107;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MSG_CTRUNC = 8;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    /// `struct msghdr`, then `struct iovec`, then room for control messages.
    private static final int VECTOR = 56;

    private static final int CONTROL = 72;
    private static final int CONTROL_HEADER = 16;
    private static final int CONTROL_LENGTH = CONTROL_HEADER + 4 * FILES_MAX;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment state = LinuxCalls.newState(arena);
    private final MemorySegment message = arena.allocate(CONTROL + CONTROL_LENGTH, 8);
    private final MemorySegment bytes = arena.allocate(PIECE_MAX, 8);
    private final int file;

    /// Dials a socket.
    ///
    /// @throws IOException if nobody listens there now
    public VhostSocket(Path socket) throws IOException {
        byte[] path = socket.toString().getBytes(StandardCharsets.UTF_8);
        if (path.length > PATH_MAX) {
            throw new IOException(
                    "unix socket: expected a path of at most 107 bytes, got " + path.length);
        }
        MemorySegment name = arena.allocate(2 + PATH_MAX + 1L, 2);
        name.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(path, 0, name, JAVA_BYTE, 2, path.length);
        file = LinuxCalls.socket(state, AF_UNIX, SOCK_STREAM_NONBLOCK_CLOEXEC);
        try {
            LinuxCalls.connect(state, file, name);
        } catch (IOException refused) {
            LinuxCalls.close(state, file);
            throw refused;
        }
        message.set(JAVA_LONG, 16, message.address() + VECTOR);
        message.set(JAVA_LONG, 24, 1);
        message.set(JAVA_LONG, 32, message.address() + CONTROL);
        message.set(JAVA_LONG, VECTOR, bytes.address());
    }

    int number() {
        return file;
    }

    /// Receives what there is now, up to `lengthBytes`, and the files that came with it.
    ///
    /// @param files to which those files are added; they are the caller's to close
    /// @return the bytes received, 0 if there are none now, -1 at the end
    /// @throws GuestFaultException if there were too many files
    public int receive(byte[] into, int at, int lengthBytes, List<PassedFile> files)
            throws IOException, GuestFaultException {
        message.set(JAVA_LONG, VECTOR + 8, Math.min(lengthBytes, PIECE_MAX));
        message.set(JAVA_LONG, 40, CONTROL_LENGTH);
        message.set(JAVA_INT, 48, 0);
        int length = (int) LinuxCalls.recvmsg(state, file, message, MSG_CMSG_CLOEXEC);
        if (length < 0) {
            int errno = LinuxCalls.errno(state);
            if (errno == LinuxCalls.EAGAIN || errno == LinuxCalls.EINTR) {
                return 0;
            }
            throw new IOException("recvmsg failed with errno " + errno);
        }
        files.addAll(passed());
        if ((message.get(JAVA_INT, 48) & MSG_CTRUNC) != 0) {
            throw new GuestFaultException("vhost-user: expected at most 8 files, got more");
        }
        MemorySegment.copy(bytes, JAVA_BYTE, 0, into, at, length);
        return length == 0 ? -1 : length;
    }

    /// The files of the one control message that there is room for; written by the kernel.
    private List<PassedFile> passed() {
        List<PassedFile> files = new ArrayList<>();
        long length = message.get(JAVA_LONG, 40);
        if (length >= CONTROL_HEADER
                && message.get(JAVA_INT, CONTROL + 8) == SOL_SOCKET
                && message.get(JAVA_INT, CONTROL + 12) == SCM_RIGHTS) {
            long end = Math.min(message.get(JAVA_LONG, CONTROL), CONTROL_LENGTH);
            for (long at = CONTROL_HEADER; at + 4 <= end; at += 4) {
                files.add(new PassedFile(message.get(JAVA_INT, CONTROL + at)));
            }
        }
        return files;
    }

    /// Sends a whole message.
    ///
    /// @throws IOException if the other side does not take it
    public void send(byte[] whole) throws IOException {
        MemorySegment copy = bytes.asSlice(0, whole.length);
        MemorySegment.copy(whole, 0, copy, JAVA_BYTE, 0, whole.length);
        if (LinuxCalls.write(state, file, copy) != whole.length) {
            throw new IOException("unix socket: the other side does not read");
        }
    }

    @Override
    public void close() {
        new PassedFile(file).close();
    }
}
