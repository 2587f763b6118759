// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.Arrays;
import org.sparegrid.virtualethernet.linux.NearUdp;

/// The UDP port of the process, with the thread that reads it.
public final class UdpSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(UdpSocket.class.getName());

    /// Holds a burst of about 700 full packets while the reading thread is not scheduled.
    private static final int BUFFER_BYTES = 1 << 20;

    /// Our router and the first behind it: the opener is gone before the peer's router.
    private static final int NEAR_HOPS = 2;

    private final DatagramSocket socket;
    private final Thread reader;
    private volatile boolean closed;

    /// Takes datagrams as they come.
    @FunctionalInterface
    public interface Receiver {
        /// Takes a datagram; the array is the receiver's.
        void receive(byte[] datagram, InetSocketAddress from);
    }

    /// Binds to `port`, or any free port for 0, on all addresses and begins to read.
    ///
    /// @throws IOException if the port is taken
    public UdpSocket(int port, Receiver receiver) throws IOException {
        // Not a DatagramChannel: that closes itself when a sending thread is interrupted.
        socket = new DatagramSocket(null);
        try {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
            socket.bind(new InetSocketAddress(port));
        } catch (IOException refused) {
            socket.close();
            throw new IOException("cannot open UDP port " + port, refused);
        }
        reader =
                Thread.ofPlatform()
                        .name("sparegrid-udp-" + socket.getLocalPort())
                        .daemon()
                        .unstarted(() -> read(receiver));
    }

    /// Begins to read.
    public void start() {
        reader.start();
    }

    /// The bound port.
    public int port() {
        return socket.getLocalPort();
    }

    /// Sends one datagram; false if the network refuses it now.
    public boolean send(byte[] datagram, InetSocketAddress to) {
        try {
            socket.send(new DatagramPacket(datagram, datagram.length, to));
            return true;
        } catch (IOException | IllegalArgumentException refused) {
            return false;
        }
    }

    /// Sends one datagram that the second router drops, which opens the way for answers through the
    /// nearest address translator and no further; false if the system cannot.
    public synchronized boolean sendNear(byte[] datagram, InetSocketAddress to) {
        if (!(to.getAddress() instanceof Inet4Address version4)) {
            return false;
        }
        try {
            // Shared only for this moment, so that no other process can take the port as well.
            socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            try {
                NearUdp.send(datagram, port(), version4, to.getPort(), NEAR_HOPS);
            } finally {
                socket.setOption(StandardSocketOptions.SO_REUSEPORT, false);
            }
            return true;
        } catch (IOException | UnsupportedOperationException refused) {
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        socket.close();
    }

    private void read(Receiver receiver) {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        while (!closed) {
            try {
                packet.setLength(65_536);
                socket.receive(packet);
            } catch (IOException failed) {
                if (!closed) {
                    LOG.log(Level.DEBUG, "udp receive failed", failed);
                }
                continue;
            }
            receiver.receive(
                    Arrays.copyOf(packet.getData(), packet.getLength()),
                    (InetSocketAddress) packet.getSocketAddress());
        }
    }
}
