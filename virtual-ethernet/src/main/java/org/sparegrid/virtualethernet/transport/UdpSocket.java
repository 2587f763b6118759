// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.sparegrid.virtualethernet.linux.NearUdp;

/// The UDP port of the process, with the thread that reads it.
///
/// Many datagrams by one system call where Linux can do that, else one by one.
public final class UdpSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(UdpSocket.class.getName());

    /// Holds a burst of about 700 full packets while the reading thread is not scheduled.
    static final int BUFFER_BYTES = 1 << 20;

    /// Our router and the first behind it: the opener is gone before the peer's router.
    private static final int NEAR_HOPS = 2;

    /// As long as the longest UDP datagram, and as all that the system gives at once.
    static final int RECEIVED_MAX = 65_536;

    private final DatagramCarrier carrier;
    private final Thread reader;
    private volatile boolean closed;

    /// Takes datagrams as they come.
    @FunctionalInterface
    public interface Receiver {
        /// Takes datagrams of one sender, which fill `length` bytes of `buffer`: all of
        /// `segmentBytes`, the last one maybe shorter. The array is the socket's again afterwards.
        void receive(byte[] buffer, int length, int segmentBytes, InetSocketAddress from);
    }

    /// Binds to `port`, or any free port for 0, on all addresses and begins to read.
    ///
    /// @param offload whether to use the system's offloads if it has them
    /// @throws IOException if the port is taken
    public UdpSocket(int port, boolean offload, Receiver receiver) throws IOException {
        carrier = open(port, offload);
        reader =
                Thread.ofPlatform()
                        .name("sparegrid-udp-" + carrier.port())
                        .daemon()
                        .unstarted(() -> read(receiver));
    }

    private static DatagramCarrier open(int port, boolean offload) throws IOException {
        if (offload) {
            try {
                return new OffloadCarrier(port);
            } catch (IOException | LinkageError without) {
                LOG.log(Level.DEBUG, "udp has no offloads here", without);
            }
        }
        try {
            return new PlainCarrier(port);
        } catch (IOException refused) {
            throw new IOException("cannot open UDP port " + port, refused);
        }
    }

    /// Begins to read.
    public void start() {
        reader.start();
    }

    /// Makes ready what [#sendNear] needs.
    public void prepare() {
        NearUdp.prepare();
    }

    /// The bound port.
    public int port() {
        return carrier.port();
    }

    /// Whether one call may send and receive many datagrams.
    public boolean hasOffloads() {
        return carrier instanceof OffloadCarrier;
    }

    /// Sends one datagram; false if the network refuses it now.
    public boolean send(byte[] datagram, InetSocketAddress to) {
        return send(datagram, 0, datagram.length, datagram.length, to) == 1;
    }

    /// Sends the datagrams that fill `length` bytes at `offset`, all of `segmentBytes`, the last
    /// one maybe shorter.
    ///
    /// @return how many of them the network has taken
    public int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to) {
        return carrier.send(bytes, offset, length, segmentBytes, to);
    }

    /// Sends one datagram that neither this system nor a router divides; false if it is too long
    /// for the card, or if the system cannot.
    public boolean sendWhole(byte[] datagram, InetSocketAddress to) {
        return carrier.sendWhole(datagram, to);
    }

    /// Sends one datagram that the second router drops, which opens the way for answers through the
    /// nearest address translator and no further; false if the system cannot.
    public synchronized boolean sendNear(byte[] datagram, InetSocketAddress to) {
        if (!(to.getAddress() instanceof Inet4Address version4)) {
            return false;
        }
        Optional<Boolean> sent = carrier.sendNear(datagram, to, NEAR_HOPS);
        if (sent.isPresent()) {
            return sent.get();
        }
        try {
            // Shared only for this moment, so that no other process can take the port as well. What
            // arrives in it from the target is lost.
            carrier.share(true);
            try {
                NearUdp.send(datagram, port(), version4, to.getPort(), NEAR_HOPS);
            } finally {
                carrier.share(false);
            }
            return true;
        } catch (IOException | UnsupportedOperationException refused) {
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        carrier.shut();
        try {
            if (!reader.equals(Thread.currentThread())) {
                reader.join();
            }
            carrier.close();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        } catch (IOException failed) {
            LOG.log(Level.WARNING, "udp close failed", failed);
        }
    }

    private void read(Receiver receiver) {
        byte[] buffer = new byte[RECEIVED_MAX];
        while (!closed) {
            try {
                int length = carrier.receive(buffer);
                if (length > 0) {
                    receiver.receive(buffer, length, carrier.segment(), carrier.from());
                }
            } catch (IOException failed) {
                if (!closed) {
                    LOG.log(Level.DEBUG, "udp receive failed", failed);
                }
            }
        }
    }
}
