// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/// A socket of the JDK, which is always there.
final class PlainCarrier implements DatagramCarrier {
    private final DatagramSocket socket;
    private final DatagramPacket packet = new DatagramPacket(new byte[0], 0);

    PlainCarrier(int port) throws IOException {
        // Not a DatagramChannel: that closes itself when a sending thread is interrupted.
        socket = new DatagramSocket(null);
        try {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, UdpSocket.BUFFER_BYTES);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, UdpSocket.BUFFER_BYTES);
            socket.bind(new InetSocketAddress(port));
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }

    @Override
    public int port() {
        return socket.getLocalPort();
    }

    @Override
    public int receive(byte[] into) throws IOException {
        packet.setData(into);
        socket.receive(packet);
        return packet.getLength();
    }

    @Override
    public int segment() {
        return packet.getLength();
    }

    @Override
    public InetSocketAddress from() {
        return (InetSocketAddress) packet.getSocketAddress();
    }

    @Override
    public int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to) {
        int taken = 0;
        for (int at = 0; at < length; at += segmentBytes) {
            try {
                int size = Math.min(segmentBytes, length - at);
                socket.send(new DatagramPacket(bytes, offset + at, size, to));
                taken++;
            } catch (IOException | IllegalArgumentException _) {
                // The caller counts what is missing.
            }
        }
        return taken;
    }

    /// What other threads send in this moment may be undivided as well, which loses no more of it
    /// than a busy network does.
    @Override
    public synchronized boolean sendWhole(byte[] datagram, InetSocketAddress to) {
        try {
            socket.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            try {
                return send(datagram, 0, datagram.length, datagram.length, to) == 1;
            } finally {
                socket.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, false);
            }
        } catch (IOException | UnsupportedOperationException refused) {
            return false;
        }
    }

    @Override
    public Optional<Boolean> sendNear(byte[] datagram, InetSocketAddress to, int hops) {
        return Optional.empty();
    }

    @Override
    public void share(boolean shared) throws IOException {
        socket.setOption(StandardSocketOptions.SO_REUSEPORT, shared);
    }

    @Override
    public void shut() {
        socket.close();
    }

    @Override
    public void close() {}
}
