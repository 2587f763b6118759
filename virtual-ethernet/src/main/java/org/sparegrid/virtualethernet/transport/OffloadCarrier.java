// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.sparegrid.virtualethernet.linux.OffloadSocket;

/// A socket of Linux that joins and divides datagrams in the system.
final class OffloadCarrier implements DatagramCarrier {
    /// How long the reading thread waits at most; a socket that is closed wakes it.
    private static final int WAKE_MILLIS = 60_000;

    private final OffloadSocket socket;

    OffloadCarrier(int port) throws IOException {
        socket = new OffloadSocket(port, UdpSocket.BUFFER_BYTES, WAKE_MILLIS);
    }

    @Override
    public int port() {
        return socket.port();
    }

    @Override
    public int receive(byte[] into) throws IOException {
        return socket.receive(into);
    }

    @Override
    public int segment() {
        return socket.segment();
    }

    @Override
    public InetSocketAddress from() {
        return socket.from();
    }

    @Override
    public int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to) {
        return socket.send(bytes, offset, length, segmentBytes, to);
    }

    @Override
    public boolean sendWhole(byte[] datagram, InetSocketAddress to) {
        return socket.sendWhole(datagram, to);
    }

    @Override
    public Optional<Boolean> sendNear(byte[] datagram, InetSocketAddress to, int hops) {
        return Optional.of(socket.sendNear(datagram, to, hops));
    }

    @Override
    public void share(boolean shared) throws IOException {
        socket.share(shared);
    }

    @Override
    public void shut() {
        socket.shut();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
