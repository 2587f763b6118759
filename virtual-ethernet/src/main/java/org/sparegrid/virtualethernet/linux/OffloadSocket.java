// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// A UDP socket on all addresses of both families that sends many datagrams by one call, and
/// receives many by one (`UDP_SEGMENT`, `UDP_GRO`).
///
/// One thread receives; any thread sends. Source: Linux, udp(7) and include/uapi/linux/udp.h.
public final class OffloadSocket implements AutoCloseable {
    /// Bytes that one call may receive.
    public static final int LENGTH_MAX = 65_536;

    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_RCVTIMEO = 20;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int SOL_IP = 0;
    private static final int IP_TTL = 2;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPV6_MTU_DISCOVER = 23;

    /// Divide what is too long for the card, let routers divide, believe no ICMP.
    private static final int PMTUDISC_OMIT = 5;

    /// Divide nothing, let nobody divide, believe no ICMP.
    private static final int PMTUDISC_PROBE = 3;

    private static final int EINVAL = 22;
    private static final int EIO = 5;
    private static final int EMSGSIZE = 90;

    private static final int NAME_LENGTH = 28;
    private static final int VECTOR = 56;
    private static final int NAME = 80;
    private static final int CONTROL = 112;
    private static final int CONTROL_LENGTH = 64;
    private static final int ROOM = 192;
    private static final int CONTROL_HEADER = 16;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment receiveState = LinuxCalls.newState(arena);
    private final MemorySegment receiving = arena.allocate(ROOM, 8);
    private final MemorySegment received = arena.allocate(LENGTH_MAX, 64);
    private final byte[] lastName = new byte[NAME_LENGTH];
    private final int file;
    private final int port;
    private @Nullable InetSocketAddress lastFrom;
    private int segment;
    private volatile boolean segmenting = true;
    private volatile boolean closed;

    /// Held for reading by whoever sends, so that a number that is given back is not used.
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();

    /// What a sending thread needs; each has its own.
    private final ThreadLocal<Sender> senders = ThreadLocal.withInitial(Sender::new);

    private static final class Sender {
        final Arena arena = Arena.ofAuto();
        final MemorySegment state = LinuxCalls.newState(arena);
        final MemorySegment message = arena.allocate(ROOM, 8);
        final MemorySegment bytes = arena.allocate(LENGTH_MAX, 64);
        @Nullable InetSocketAddress to;
    }

    /// Binds to `port`, or any free one for 0.
    ///
    /// @param bufferBytes of datagrams that wait, in each direction
    /// @param wakeMillis how long a call of [#receive] waits at most
    /// @throws IOException if the port is taken or the system knows no offloads
    public OffloadSocket(int port, int bufferBytes, int wakeMillis) throws IOException {
        int opened = -1;
        try {
            opened = LinuxCalls.socket(receiveState, AF_INET6, SOCK_DGRAM_CLOEXEC);
            set(opened, SOL_IPV6, IPV6_V6ONLY, 0);
            set(opened, SOL_SOCKET, SO_RCVBUF, bufferBytes);
            set(opened, SOL_SOCKET, SO_SNDBUF, bufferBytes);
            set(opened, SOL_UDP, UDP_GRO, 1);
            set(opened, SOL_IP, IP_MTU_DISCOVER, PMTUDISC_OMIT);
            set(opened, SOL_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_OMIT);
            MemorySegment wait = arena.allocate(16, 8);
            wait.set(JAVA_LONG, 0, wakeMillis / 1000);
            wait.set(JAVA_LONG, 8, wakeMillis % 1000 * 1000L);
            LinuxCalls.setsockopt(receiveState, opened, SOL_SOCKET, SO_RCVTIMEO, wait);
            MemorySegment name = arena.allocate(NAME_LENGTH, 8);
            name.set(JAVA_SHORT, 0, (short) AF_INET6);
            putPort(name, 0, port);
            LinuxCalls.bind(receiveState, opened, name);
            MemorySegment length = arena.allocateFrom(JAVA_INT, NAME_LENGTH);
            LinuxCalls.getsockname(receiveState, opened, name, length);
            this.port = port(name, 0);
        } catch (IOException refused) {
            if (opened >= 0) {
                LinuxCalls.close(receiveState, opened);
            }
            arena.close();
            throw refused;
        }
        file = opened;
        receiving.set(JAVA_LONG, 0, receiving.address() + NAME);
        receiving.set(JAVA_LONG, 16, receiving.address() + VECTOR);
        receiving.set(JAVA_LONG, 24, 1);
        receiving.set(JAVA_LONG, 32, receiving.address() + CONTROL);
        receiving.set(JAVA_LONG, VECTOR, received.address());
        receiving.set(JAVA_LONG, VECTOR + 8, LENGTH_MAX);
    }

    private void set(int opened, int level, int option, int value) throws IOException {
        LinuxCalls.setsockopt(
                receiveState, opened, level, option, arena.allocateFrom(JAVA_INT, value));
    }

    /// The bound port.
    public int port() {
        return port;
    }

    /// Receives datagrams of one sender: all of [#segment] bytes, the last one maybe shorter.
    ///
    /// @return their bytes together, or 0 if none came in time
    public int receive(byte[] into) throws IOException {
        receiving.set(JAVA_INT, 8, NAME_LENGTH);
        receiving.set(JAVA_LONG, 40, CONTROL_LENGTH);
        receiving.set(JAVA_INT, 48, 0);
        long length = LinuxCalls.recvmsg(receiveState, file, receiving);
        if (length < 0) {
            int errno = LinuxCalls.errno(receiveState);
            if (errno == LinuxCalls.EAGAIN || errno == LinuxCalls.EINTR || closed) {
                return 0;
            }
            throw new IOException("recvmsg failed with errno " + errno);
        }
        segment = (int) length;
        boolean joined =
                receiving.get(JAVA_LONG, 40) >= CONTROL_HEADER + Integer.BYTES
                        && receiving.get(JAVA_INT, CONTROL + 8) == SOL_UDP
                        && receiving.get(JAVA_INT, CONTROL + 12) == UDP_GRO;
        if (joined) {
            int size = receiving.get(JAVA_INT, CONTROL + CONTROL_HEADER);
            segment = size > 0 && size < length ? size : (int) length;
        }
        MemorySegment.copy(received, JAVA_BYTE, 0, into, 0, (int) length);
        return (int) length;
    }

    /// Bytes of each datagram that was received last.
    public int segment() {
        return segment;
    }

    /// Who sent what was received last.
    public InetSocketAddress from() {
        InetSocketAddress known = lastFrom;
        boolean same = known != null;
        for (int i = 0; same && i < NAME_LENGTH; i++) {
            same = lastName[i] == receiving.get(JAVA_BYTE, NAME + i);
        }
        if (known == null || !same) {
            MemorySegment.copy(receiving, JAVA_BYTE, NAME, lastName, 0, NAME_LENGTH);
            known =
                    new InetSocketAddress(
                            address(Arrays.copyOfRange(lastName, 8, 24)), port(receiving, NAME));
            lastFrom = known;
        }
        return known;
    }

    /// Sends the datagrams that fill `length` bytes at `offset`, all of `segmentBytes`, the last
    /// one maybe shorter.
    ///
    /// @return how many of them the network has taken
    public int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to) {
        lifetime.readLock().lock();
        try {
            return closed ? 0 : sendOpen(bytes, offset, length, segmentBytes, to);
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /// Sends one IPv4 datagram that only a few routers pass on.
    ///
    /// @param hops routers that may touch it, 1 to 255; the last one drops it
    /// @return false if the network does not take it
    public boolean sendNear(byte[] datagram, InetSocketAddress to, int hops) {
        lifetime.readLock().lock();
        try {
            Sender sender = senders.get();
            if (closed || !name(sender, to)) {
                return false;
            }
            MemorySegment.copy(datagram, 0, sender.bytes, JAVA_BYTE, 0, datagram.length);
            MemorySegment message = sender.message;
            message.set(JAVA_LONG, CONTROL, CONTROL_HEADER + Integer.BYTES);
            message.set(JAVA_INT, CONTROL + 8, SOL_IP);
            message.set(JAVA_INT, CONTROL + 12, IP_TTL);
            message.set(JAVA_INT, CONTROL + CONTROL_HEADER, hops);
            return transmit(sender, 0, datagram.length, true);
        } catch (IOException broken) {
            return false;
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /// Sends one datagram that nobody on the way may divide. Nothing else is sent meanwhile.
    ///
    /// @return false if it is longer than the card takes, or the network does not take it
    public boolean sendWhole(byte[] datagram, InetSocketAddress to) {
        lifetime.writeLock().lock();
        try (Arena brief = Arena.ofConfined()) {
            if (closed) {
                return false;
            }
            boolean version4 = to.getAddress() instanceof java.net.Inet4Address;
            int level = version4 ? SOL_IP : SOL_IPV6;
            int option = version4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER;
            MemorySegment state = LinuxCalls.newState(brief);
            MemorySegment whole = brief.allocateFrom(JAVA_INT, PMTUDISC_PROBE);
            MemorySegment usual = brief.allocateFrom(JAVA_INT, PMTUDISC_OMIT);
            LinuxCalls.setsockopt(state, file, level, option, whole);
            try {
                return sendOpen(datagram, 0, datagram.length, datagram.length, to) == 1;
            } finally {
                LinuxCalls.setsockopt(state, file, level, option, usual);
            }
        } catch (IOException refused) {
            return false;
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private int sendOpen(
            byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to) {
        Sender sender = senders.get();
        int count = (length + segmentBytes - 1) / segmentBytes;
        try {
            if (!name(sender, to)) {
                return 0;
            }
            MemorySegment.copy(bytes, offset, sender.bytes, JAVA_BYTE, 0, length);
            if (count > 1 && segmenting) {
                if (transmit(sender, 0, length, segmentBytes)) {
                    return count;
                }
                int errno = LinuxCalls.errno(sender.state);
                if (errno == EIO) {
                    // A card that cannot compute checksums: it will not learn to.
                    segmenting = false;
                } else if (errno != EINVAL && errno != EMSGSIZE) {
                    return 0;
                }
            }
            int taken = 0;
            for (int at = 0; at < length; at += segmentBytes) {
                if (transmit(sender, at, Math.min(segmentBytes, length - at), 0)) {
                    taken++;
                }
            }
            return taken;
        } catch (IOException broken) {
            return 0;
        }
    }

    /// Whether other sockets of this user may bind to the port as well.
    public void share(boolean shared) throws IOException {
        lifetime.readLock().lock();
        try (Arena brief = Arena.ofConfined()) {
            if (!closed) {
                LinuxCalls.setsockopt(
                        LinuxCalls.newState(brief),
                        file,
                        SOL_SOCKET,
                        SO_REUSEPORT,
                        brief.allocateFrom(JAVA_INT, shared ? 1 : 0));
            }
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /// Lets nothing more be sent, and the thread that receives come back at once.
    public void shut() {
        lifetime.writeLock().lock();
        try (Arena brief = Arena.ofConfined()) {
            closed = true;
            LinuxCalls.shutdownReading(LinuxCalls.newState(brief), file);
        } catch (IOException impossible) {
            throw new IllegalStateException("shutdown can be called", impossible);
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    /// Gives the port back, after [#shut] and when the receiving thread has come back.
    @Override
    public void close() throws IOException {
        LinuxCalls.close(receiveState, file);
        arena.close();
    }

    private boolean transmit(Sender sender, int at, int length, int segmentBytes)
            throws IOException {
        MemorySegment message = sender.message;
        message.set(JAVA_LONG, CONTROL, CONTROL_HEADER + Short.BYTES);
        message.set(JAVA_INT, CONTROL + 8, SOL_UDP);
        message.set(JAVA_INT, CONTROL + 12, UDP_SEGMENT);
        message.set(JAVA_SHORT, CONTROL + CONTROL_HEADER, (short) segmentBytes);
        return transmit(sender, at, length, segmentBytes != 0);
    }

    private boolean transmit(Sender sender, int at, int length, boolean controlled)
            throws IOException {
        MemorySegment message = sender.message;
        message.set(JAVA_LONG, 0, message.address() + NAME);
        message.set(JAVA_INT, 8, NAME_LENGTH);
        message.set(JAVA_LONG, 16, message.address() + VECTOR);
        message.set(JAVA_LONG, 24, 1);
        message.set(JAVA_LONG, 32, controlled ? message.address() + CONTROL : 0);
        message.set(JAVA_LONG, 40, controlled ? CONTROL_HEADER + 8 : 0);
        message.set(JAVA_LONG, VECTOR, sender.bytes.address() + at);
        message.set(JAVA_LONG, VECTOR + 8, length);
        return LinuxCalls.sendmsg(sender.state, file, message) == length;
    }

    /// Writes the target as `struct sockaddr_in6`; false if it has no address.
    private static boolean name(Sender sender, InetSocketAddress to) {
        if (to.equals(sender.to)) {
            return true;
        }
        InetAddress address = to.getAddress();
        if (address == null || to.getPort() == 0) {
            return false;
        }
        MemorySegment message = sender.message;
        byte[] bytes = address.getAddress();
        message.asSlice(NAME, NAME_LENGTH).fill((byte) 0);
        message.set(JAVA_SHORT, NAME, (short) AF_INET6);
        putPort(message, NAME, to.getPort());
        if (bytes.length == 4) {
            message.set(JAVA_SHORT, NAME + 18, (short) 0xffff);
        }
        MemorySegment.copy(bytes, 0, message, JAVA_BYTE, NAME + 24 - bytes.length, bytes.length);
        if (address instanceof java.net.Inet6Address version6) {
            message.set(JAVA_INT, NAME + 24, version6.getScopeId());
        }
        sender.to = to;
        return true;
    }

    private static InetAddress address(byte[] bytes) {
        try {
            // Java makes an IPv4 address of a mapped one.
            return InetAddress.getByAddress(bytes);
        } catch (java.net.UnknownHostException impossible) {
            throw new IllegalStateException("16 bytes are an address", impossible);
        }
    }

    private static void putPort(MemorySegment name, int at, int port) {
        name.set(JAVA_BYTE, at + 2, (byte) (port >>> 8));
        name.set(JAVA_BYTE, at + 3, (byte) port);
    }

    private static int port(MemorySegment name, int at) {
        return Byte.toUnsignedInt(name.get(JAVA_BYTE, at + 2)) << 8
                | Byte.toUnsignedInt(name.get(JAVA_BYTE, at + 3));
    }
}
