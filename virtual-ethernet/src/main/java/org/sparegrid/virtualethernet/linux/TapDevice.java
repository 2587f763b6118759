// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// An open TAP device. It exists until it is closed.
///
/// One thread reads; any thread writes. With offloads, every frame has the 10 bytes of virtio's
/// header before it. Source: Linux, Documentation/networking/tuntap.rst and
/// include/uapi/linux/if_tun.h.
public final class TapDevice implements AutoCloseable {
    /// The longest frame with its header.
    public static final int LENGTH_MAX = 10 + 65_550;

    private static final int NAME_LENGTH_MAX = 15;
    private static final int READ_WRITE_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNSETVNETLE = 0x400454dcL;
    private static final short TAP_WITHOUT_PACKET_INFO = 0x0002 | 0x1000;
    private static final short VNET_HEADER = 0x4000;

    /// Checksum, TSO for IPv4 and IPv6, TSO with ECN.
    private static final long TCP_OFFLOADS = 0x01 | 0x02 | 0x04 | 0x08;

    /// The same for UDP over IPv4 and IPv6, which Linux grants only together, from 6.2.
    private static final long UDP_OFFLOADS = 0x20 | 0x40;

    private static final short POLLIN = 1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment readState = LinuxCalls.newState(arena);
    private final MemorySegment writeState = LinuxCalls.newState(arena);
    private final MemorySegment in = arena.allocate(LENGTH_MAX, 64);
    private final MemorySegment out = arena.allocate(LENGTH_MAX, 64);
    private final MemorySegment pollEntry = arena.allocate(LinuxCalls.pollEntry());
    private final int file;
    private final boolean offloads;
    private final boolean udpOffloads;
    private boolean closed;

    /// Makes the device `name`.
    ///
    /// @param wanted whether to ask for offloads; the device says whether it has them
    /// @throws IOException if it exists already or the caller may not make devices
    public TapDevice(String name, boolean wanted) throws IOException {
        byte[] nameBytes = name.getBytes(US_ASCII);
        if (nameBytes.length == 0 || nameBytes.length > NAME_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "tap: expected a name of 1 to 15 characters, got " + name);
        }
        int opened = -1;
        boolean granted = false;
        if (wanted) {
            try {
                opened = open(nameBytes, (short) (TAP_WITHOUT_PACKET_INFO | VNET_HEADER));
                granted = offload(opened, TCP_OFFLOADS);
            } catch (IOException noHeaders) {
                System.getLogger(TapDevice.class.getName())
                        .log(System.Logger.Level.DEBUG, "no offloads device=" + name, noHeaders);
            }
            if (opened >= 0 && !granted) {
                LinuxCalls.close(readState, opened);
            }
        }
        if (!granted) {
            try {
                opened = open(nameBytes, TAP_WITHOUT_PACKET_INFO);
            } catch (IOException refused) {
                arena.close();
                throw new IOException("cannot make the TAP device " + name, refused);
            }
        }
        file = opened;
        offloads = granted;
        udpOffloads = granted && offload(opened, TCP_OFFLOADS | UDP_OFFLOADS);
        pollEntry.set(ValueLayout.JAVA_INT, 0, file);
        pollEntry.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
    }

    private int open(byte[] name, short flags) throws IOException {
        int opened =
                LinuxCalls.open(
                        readState, arena.allocateFrom("/dev/net/tun"), READ_WRITE_NONBLOCK_CLOEXEC);
        MemorySegment request = arena.allocate(40, 8);
        MemorySegment.copy(name, 0, request, ValueLayout.JAVA_BYTE, 0, name.length);
        request.set(ValueLayout.JAVA_SHORT, 16, flags);
        try {
            LinuxCalls.ioctl(readState, opened, TUNSETIFF, request);
            if ((flags & VNET_HEADER) != 0) {
                LinuxCalls.ioctl(
                        readState,
                        opened,
                        TUNSETVNETLE,
                        arena.allocateFrom(ValueLayout.JAVA_INT, 1));
            }
            return opened;
        } catch (IOException refused) {
            LinuxCalls.close(readState, opened);
            throw refused;
        }
    }

    private boolean offload(int opened, long what) {
        try {
            LinuxCalls.ioctl(readState, opened, TUNSETOFFLOAD, what);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /// Whether frames have virtio's header, and may be divided TCP or unfinished.
    public boolean hasOffloads() {
        return offloads;
    }

    /// Whether they may be divided UDP as well.
    public boolean hasUdpOffloads() {
        return udpOffloads;
    }

    /// Reads what the machine sends, if there is anything now.
    ///
    /// @return the length of the frame, with its header, or 0
    public int read(byte[] into) throws IOException {
        long length = LinuxCalls.read(readState, file, in);
        if (length < 0) {
            if (isTemporary(readState)) {
                return 0;
            }
            throw new IOException("read failed with errno " + LinuxCalls.errno(readState));
        }
        MemorySegment.copy(in, ValueLayout.JAVA_BYTE, 0, into, 0, (int) length);
        return (int) length;
    }

    /// Waits at most `timeoutMillis` for something to read.
    public void await(int timeoutMillis) throws IOException {
        LinuxCalls.poll(readState, pollEntry, 1, timeoutMillis);
    }

    /// Gives a frame with its header to the machine; false if it does not take it now, as when it
    /// is down.
    public synchronized boolean write(byte[] bytes, int offset, int length) {
        if (closed || length > LENGTH_MAX) {
            return false;
        }
        MemorySegment.copy(bytes, offset, out, ValueLayout.JAVA_BYTE, 0, length);
        try {
            return LinuxCalls.write(writeState, file, out.asSlice(0, length)) == length;
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
