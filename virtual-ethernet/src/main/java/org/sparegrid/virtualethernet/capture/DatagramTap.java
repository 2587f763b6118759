// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.capture;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.Checksums;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;

/// A place where UDP datagrams can be looked at while they pass, as the IP packets that carry them.
///
/// This computer has the unspecified address in them. Any thread may call.
public final class DatagramTap implements AutoCloseable {
    private static final int UDP_LENGTH = 8;
    private static final int IPV6_LENGTH = 40;
    private static final int HOPS = 64;

    private final List<Capture> captures = new CopyOnWriteArrayList<>();

    /// Nobody looks yet.
    public DatagramTap() {}

    /// Begins to copy what passes.
    public Capture capture() {
        Capture capture = new Capture(PcapNg.LINK_RAW, captures::remove);
        captures.add(capture);
        return capture;
    }

    /// Whether anybody looks.
    public boolean isWatched() {
        return !captures.isEmpty();
    }

    /// Shows datagrams that fill `length` bytes at `offset`, all of `segmentBytes`, the last one
    /// maybe shorter.
    ///
    /// @param outbound whether this computer sends them
    /// @param far the other computer's address
    /// @param port ours
    public void see(
            boolean outbound,
            byte[] bytes,
            int offset,
            int length,
            int segmentBytes,
            InetSocketAddress far,
            int port) {
        for (int at = 0; at < length; at += segmentBytes) {
            byte[] packet =
                    far.getAddress() instanceof Inet6Address
                            ? new byte
                                    [IPV6_LENGTH + UDP_LENGTH + Math.min(segmentBytes, length - at)]
                            : new byte
                                    [Ipv4Packet.HEADER_LENGTH
                                            + UDP_LENGTH
                                            + Math.min(segmentBytes, length - at)];
            write(packet, outbound, bytes, offset + at, far, port);
            captures.forEach(capture -> capture.add(outbound, packet));
        }
    }

    /// Fills `packet` with headers and with the datagram at `offset`.
    private static void write(
            byte[] packet,
            boolean outbound,
            byte[] bytes,
            int offset,
            InetSocketAddress far,
            int port) {
        byte[] address = far.getAddress().getAddress();
        boolean version6 = address.length > 4;
        int addresses = version6 ? 8 : 12;
        int udp = addresses + 2 * address.length;
        int length = packet.length - udp;
        if (version6) {
            packet[0] = 0x60;
            Bytes.put16(packet, 4, length);
            packet[6] = Ipv4Packet.UDP;
            packet[7] = HOPS;
            System.arraycopy(address, 0, packet, addresses + (outbound ? 16 : 0), 16);
        } else {
            int there = Bytes.i32(address, 0);
            Ipv4Packet.writeHeader(
                    packet, 0, length, Ipv4Packet.UDP, outbound ? 0 : there, outbound ? there : 0);
        }
        Bytes.put16(packet, udp, outbound ? port : far.getPort());
        Bytes.put16(packet, udp + 2, outbound ? far.getPort() : port);
        Bytes.put16(packet, udp + 4, length);
        System.arraycopy(bytes, offset, packet, udp + UDP_LENGTH, length - UDP_LENGTH);
        // Addresses and the datagram stand side by side; RFC 8200, section 8.1, for the rest.
        long sum = Checksums.sum(packet, addresses, packet.length - addresses);
        int checksum = Checksums.fold(sum + Ipv4Packet.UDP + length);
        Bytes.put16(packet, udp + 6, checksum == 0 ? 0xffff : checksum);
    }

    /// Ends all captures.
    @Override
    public void close() {
        captures.forEach(Capture::close);
    }
}
