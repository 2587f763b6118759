// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The few system calls that TAP devices, UDP sockets and guests' cards need, one method each.
final class LinuxCalls {
    /// `errno`: try again later.
    static final int EAGAIN = 11;

    /// `errno`: a signal came first.
    static final int EINTR = 4;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle OPEN =
            handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), 2);
    private static final MethodHandle IOCTL =
            handle("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);
    private static final MethodHandle POLL =
            handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), -1);
    private static final MethodHandle READ =
            handle("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), -1);
    private static final MethodHandle WRITE =
            handle("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG), -1);
    private static final MethodHandle IOCTL_VALUE =
            handle("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), 2);
    private static final MethodHandle SOCKET =
            handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), -1);
    private static final MethodHandle BIND =
            handle("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), -1);
    private static final MethodHandle NAME =
            handle("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), -1);
    private static final MethodHandle OPTION =
            handle(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
                    -1);
    private static final MethodHandle SEND =
            handle("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT), -1);
    private static final MethodHandle RECEIVE =
            handle("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT), -1);
    private static final MethodHandle CLOSE =
            handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), -1);
    private static final MethodHandle SHUTDOWN =
            handle("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), -1);

    private static final MethodHandle CONNECT =
            handle("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), -1);
    private static final MethodHandle FCNTL =
            handle("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
    private static final MethodHandle FSTATFS =
            handle("fstatfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS), -1);
    private static final MethodHandle LSEEK =
            handle("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT), -1);
    private static final MethodHandle EVENTFD =
            handle("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), -1);
    private static final MethodHandle MMAP =
            handle(
                    "mmap",
                    FunctionDescriptor.of(
                            ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
                    -1);
    private static final MethodHandle CLOCK =
            handle("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS), -1);
    private static final MethodHandle MUNMAP =
            handle("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG), -1);

    private LinuxCalls() {}

    @SuppressWarnings("restricted") // this package is the one place for native calls
    private static MethodHandle handle(String name, FunctionDescriptor type, int firstVariadic) {
        MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        return firstVariadic < 0
                ? LINKER.downcallHandle(symbol, type, errno)
                : LINKER.downcallHandle(
                        symbol, type, errno, Linker.Option.firstVariadicArg(firstVariadic));
    }

    /// Room for the `errno` of the calls of one thread.
    static MemorySegment newState(Arena arena) {
        return arena.allocate(STATE);
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    static int open(MemorySegment state, MemorySegment path, int flags) throws IOException {
        try {
            return check("open", state, (int) OPEN.invokeExact(state, path, flags));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void ioctl(MemorySegment state, int file, long request, MemorySegment argument)
            throws IOException {
        try {
            check("ioctl", state, (int) IOCTL.invokeExact(state, file, request, argument));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// An `ioctl` whose argument is a number.
    static void ioctl(MemorySegment state, int file, long request, long argument)
            throws IOException {
        try {
            check("ioctl", state, (int) IOCTL_VALUE.invokeExact(state, file, request, argument));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static int socket(MemorySegment state, int family, int type) throws IOException {
        try {
            return check("socket", state, (int) SOCKET.invokeExact(state, family, type, 0));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void bind(MemorySegment state, int file, MemorySegment name) throws IOException {
        try {
            int length = (int) name.byteSize();
            check("bind", state, (int) BIND.invokeExact(state, file, name, length));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void getsockname(MemorySegment state, int file, MemorySegment name, MemorySegment length)
            throws IOException {
        try {
            check("getsockname", state, (int) NAME.invokeExact(state, file, name, length));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void setsockopt(
            MemorySegment state, int file, int level, int option, MemorySegment value)
            throws IOException {
        try {
            int length = (int) value.byteSize();
            check(
                    "setsockopt",
                    state,
                    (int) OPTION.invokeExact(state, file, level, option, value, length));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Sends a message, or returns -1 and leaves the reason in `state`.
    static long sendmsg(MemorySegment state, int file, MemorySegment message) throws IOException {
        try {
            return (long) SEND.invokeExact(state, file, message, 0);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Receives a message, or returns -1 and leaves the reason in `state`.
    static long recvmsg(MemorySegment state, int file, MemorySegment message) throws IOException {
        return recvmsg(state, file, message, 0);
    }

    /// The same with flags.
    static long recvmsg(MemorySegment state, int file, MemorySegment message, int flags)
            throws IOException {
        try {
            return (long) RECEIVE.invokeExact(state, file, message, flags);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Waits until a file of the array is ready; the count of those that are, or -1.
    static int poll(MemorySegment state, MemorySegment files, long count, int timeoutMillis)
            throws IOException {
        try {
            return (int) POLL.invokeExact(state, files, count, timeoutMillis);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Reads, or returns -1 and leaves the reason in `state`.
    static long read(MemorySegment state, int file, MemorySegment into) throws IOException {
        try {
            return (long) READ.invokeExact(state, file, into, into.byteSize());
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Writes, or returns -1 and leaves the reason in `state`.
    static long write(MemorySegment state, int file, MemorySegment from) throws IOException {
        try {
            return (long) WRITE.invokeExact(state, file, from, from.byteSize());
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void close(MemorySegment state, int file) throws IOException {
        try {
            check("close", state, (int) CLOSE.invokeExact(state, file));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Lets threads that receive from a socket come back. What it answers says nothing: a socket
    /// without a peer is not connected, and is shut down all the same.
    static void shutdownReading(MemorySegment state, int file) throws IOException {
        try {
            int _ = (int) SHUTDOWN.invokeExact(state, file, 0);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void connect(MemorySegment state, int file, MemorySegment name) throws IOException {
        try {
            int length = (int) name.byteSize();
            check("connect", state, (int) CONNECT.invokeExact(state, file, name, length));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// An `fcntl` without an argument, or -1 if it is not for this kind of file.
    static int fcntl(MemorySegment state, int file, int command) throws IOException {
        try {
            return (int) FCNTL.invokeExact(state, file, command, 0);
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void fstatfs(MemorySegment state, int file, MemorySegment result) throws IOException {
        try {
            check("fstatfs", state, (int) FSTATFS.invokeExact(state, file, result));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// The length of a file, whose position is its end afterwards.
    static long lseekEnd(MemorySegment state, int file) throws IOException {
        try {
            long end = (long) LSEEK.invokeExact(state, file, 0L, 2);
            check("lseek", state, end < 0 ? -1 : 0);
            return end;
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static int eventfd(MemorySegment state, int flags) throws IOException {
        try {
            return check("eventfd", state, (int) EVENTFD.invokeExact(state, 0, flags));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Maps a part of a file, shared, to read and write; the segment has no length yet.
    static MemorySegment mmap(MemorySegment state, int file, long offset, long length)
            throws IOException {
        try {
            int readWrite = 1 | 2;
            int shared = 1;
            MemorySegment place =
                    (MemorySegment)
                            MMAP.invokeExact(state, 0L, length, readWrite, shared, file, offset);
            check("mmap", state, place.address() == -1 ? -1 : 0);
            return place;
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    static void munmap(MemorySegment state, MemorySegment place, long length) throws IOException {
        try {
            check("munmap", state, (int) MUNMAP.invokeExact(state, place, length));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// Reads a clock as `struct timespec`.
    static void clockGettime(MemorySegment state, int clock, MemorySegment time)
            throws IOException {
        try {
            check("clock_gettime", state, (int) CLOCK.invokeExact(state, clock, time));
        } catch (Throwable failure) {
            throw failed(failure);
        }
    }

    /// The layout of one entry for [#poll]: file, requested events, returned events.
    static MemoryLayout pollEntry() {
        return MemoryLayout.sequenceLayout(2, JAVA_INT);
    }

    private static int check(String call, MemorySegment state, int result) throws IOException {
        if (result < 0) {
            throw new IOException(call + " failed with errno " + errno(state));
        }
        return result;
    }

    private static IOException failed(Throwable failure) {
        return failure instanceof IOException io
                ? io
                : new IOException("system call failed", failure);
    }
}
