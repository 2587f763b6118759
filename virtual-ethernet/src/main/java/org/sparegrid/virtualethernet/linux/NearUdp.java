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
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;

/// Sends single IPv4 datagrams that only a few routers pass on, from a port that another socket of
/// the process owns and shares meanwhile (`SO_REUSEPORT`). Java cannot set the TTL of unicast.
public final class NearUdp {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int SOL_IP = 0;
    private static final int IP_TTL = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEPORT = 15;
    private static final int ADDRESS_BYTES = 16;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
    private static final FunctionDescriptor NAMED =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

    private static final MethodHandle SOCKET =
            handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SETSOCKOPT =
            handle(
                    "setsockopt",
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle BIND = handle("bind", NAMED);
    private static final MethodHandle CONNECT = handle("connect", NAMED);
    private static final MethodHandle SEND =
            handle(
                    "send",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle CLOSE =
            handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private NearUdp() {}

    /// Binds the system calls, which takes so long that it is better done before it is urgent.
    public static void prepare() {
        // The class is initialised by now.
    }

    /// Sends one datagram from `fromPort`, which its owner shares until this returns. The socket is
    /// connected, so that in the meantime it takes nothing but what the target sends.
    ///
    /// @param hops routers that may touch it, 1 to 255; the last one drops it
    /// @throws IOException if the system refuses
    public static void send(byte[] datagram, int fromPort, Inet4Address to, int toPort, int hops)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int file = check("socket", state, socket(state));
            try {
                set(arena, state, file, SOL_SOCKET, SO_REUSEPORT, 1);
                set(arena, state, file, SOL_IP, IP_TTL, hops);
                byte[] any = new byte[4];
                named("bind", BIND, state, file, address(arena, any, fromPort));
                named("connect", CONNECT, state, file, address(arena, to.getAddress(), toPort));
                MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, datagram);
                check(
                        "send",
                        state,
                        (long) SEND.invokeExact(state, file, bytes, bytes.byteSize(), 0));
            } finally {
                int _ = (int) CLOSE.invokeExact(state, file);
            }
        } catch (IOException refused) {
            throw refused;
        } catch (Throwable failure) {
            throw new IOException("system call failed", failure);
        }
    }

    private static int socket(MemorySegment state) throws Throwable {
        return (int) SOCKET.invokeExact(state, AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    }

    private static void set(
            Arena arena, MemorySegment state, int file, int level, int option, int value)
            throws Throwable {
        MemorySegment place = arena.allocateFrom(JAVA_INT, value);
        int done = (int) SETSOCKOPT.invokeExact(state, file, level, option, place, 4);
        check("setsockopt", state, done);
    }

    private static void named(
            String call, MethodHandle handle, MemorySegment state, int file, MemorySegment address)
            throws Throwable {
        check(call, state, (int) handle.invokeExact(state, file, address, ADDRESS_BYTES));
    }

    /// A `struct sockaddr_in`: family in the machine's order, port and address in the network's.
    private static MemorySegment address(Arena arena, byte[] bytes, int port) {
        MemorySegment address = arena.allocate(ADDRESS_BYTES);
        address.set(JAVA_SHORT, 0, (short) AF_INET);
        address.set(JAVA_BYTE, 2, (byte) (port >>> 8));
        address.set(JAVA_BYTE, 3, (byte) port);
        MemorySegment.copy(bytes, 0, address, JAVA_BYTE, 4, bytes.length);
        return address;
    }

    private static int check(String call, MemorySegment state, long result) throws IOException {
        if (result < 0) {
            throw new IOException(call + " failed with errno " + (int) ERRNO.get(state, 0L));
        }
        return (int) result;
    }

    @SuppressWarnings("restricted") // this package is the one place for native calls
    private static MethodHandle handle(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                type,
                Linker.Option.captureCallState("errno"));
    }
}
