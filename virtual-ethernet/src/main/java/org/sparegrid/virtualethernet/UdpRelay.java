// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import jdk.net.ExtendedSocketOptions;
import org.sparegrid.virtualethernet.meter.RelayCounters;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.relay.RelayLimits;
import org.sparegrid.virtualethernet.relay.RelayMessage;
import org.sparegrid.virtualethernet.relay.RelayServer;
import org.sparegrid.virtualethernet.relay.StreamAddress;
import org.sparegrid.virtualethernet.stun.StunMessage;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// A relay on a UDP port of its own, which tells strangers by STUN how it sees them.
///
/// One thread reads, decides and sends; nothing it carries can be read by it.
public final class UdpRelay implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(UdpRelay.class.getName());

    /// Holds 40 ms of a gigabit while the thread is not scheduled.
    private static final int BUFFER_BYTES = 4 << 20;

    /// How often time passes while packets wait for bandwidth, and while none do.
    private static final int BACKLOG_MILLIS = 2;

    private static final int IDLE_MILLIS = 500;

    /// Packets that are read before time passes, however many come.
    private static final int BATCH_MAX = 64;

    /// What every link carries: Source: RFC 791, section 3.1.
    private static final int NEVER_DIVIDED_BYTES = 576 - 28;

    /// What a relay is made of.
    ///
    /// @param address the local address to listen on
    /// @param port UDP port; 0 takes any free one
    /// @param stunPort a second UDP port, on which it answers STUN only; 0 takes any free one
    /// @param keys by which members know it
    /// @param bytesPerSecond that it forwards in all, at least 20,000
    public record Config(
            InetAddress address, int port, int stunPort, KeyPair keys, long bytesPerSecond) {}

    private final SteadyClock clock = new SteadyClock();
    private final DatagramSocket socket;
    private final PublicKey publicKey;
    private final RelayServer server;
    private final Thread thread;
    private final StunResponder stun;
    private final RelayStreamServer streams;
    private volatile boolean closed;

    private UdpRelay(Config config, Function<PublicKey, Optional<String>> networkOf)
            throws IOException {
        publicKey = config.keys().publicKey();
        socket = new DatagramSocket(null);
        try {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
            socket.bind(new InetSocketAddress(config.address(), config.port()));
        } catch (IOException refused) {
            socket.close();
            throw new IOException(
                    "cannot open UDP port " + config.port() + ": " + refused.getMessage(), refused);
        }
        stun = responder(socket, config.stunPort());
        server =
                new RelayServer(
                        config.keys(),
                        networkOf::apply,
                        RelayLimits.ofBandwidth(config.bytesPerSecond()),
                        new SecureRandom(),
                        new Port());
        streams = new RelayStreamServer(server, clock);
        thread =
                Thread.ofPlatform()
                        .name("sparegrid-relay-" + socket.getLocalPort())
                        .daemon()
                        .unstarted(this::run);
    }

    private static StunResponder responder(DatagramSocket first, int port) throws IOException {
        try {
            return new StunResponder(first, port);
        } catch (IOException refused) {
            first.close();
            throw refused;
        }
    }

    /// Opens the ports and starts the threads.
    ///
    /// @param networkOf the network of which the owner of a key is a member now; asked on the
    ///   relay's thread whenever a machine binds, which is every 20 seconds
    /// @throws IOException if the port is taken
    public static UdpRelay open(Config config, Function<PublicKey, Optional<String>> networkOf)
            throws IOException {
        UdpRelay relay = new UdpRelay(config, networkOf);
        relay.thread.start();
        relay.stun.start();
        relay.streams.start();
        return relay;
    }

    /// Takes a WebSocket of a machine that UDP does not reach.
    ///
    /// @param address whence it comes
    /// @return empty if there are too many
    public Optional<RelayStreamServer.Stream> connect(
            InetAddress address, RelayStreamServer.Outlet outlet) {
        return streams.connect(address, outlet);
    }

    /// The UDP port in use.
    public int port() {
        return socket.getLocalPort();
    }

    /// The UDP port that answers STUN only.
    public int stunPort() {
        return stun.port();
    }

    /// The key by which members know it.
    public PublicKey publicKey() {
        return publicKey;
    }

    /// What it has done so far.
    public RelayCounters counters() {
        synchronized (server) {
            return server.counters();
        }
    }

    @Override
    public void close() {
        closed = true;
        stun.close();
        streams.close();
        socket.close();
    }

    private void run() {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        while (!closed) {
            try {
                socket.setSoTimeout(isBacklogged() ? BACKLOG_MILLIS : IDLE_MILLIS);
                for (int i = 0; i < BATCH_MAX; i++) {
                    packet.setLength(65_536);
                    socket.receive(packet);
                    receive(
                            Arrays.copyOf(packet.getData(), packet.getLength()),
                            (InetSocketAddress) packet.getSocketAddress());
                }
            } catch (SocketTimeoutException _) {
                // Time passes below.
            } catch (IOException failed) {
                if (!closed) {
                    LOG.log(Level.DEBUG, "relay cannot receive", failed);
                }
            }
            synchronized (server) {
                server.tick(clock.nowNanos());
            }
        }
    }

    private boolean isBacklogged() {
        synchronized (server) {
            return server.isBacklogged();
        }
    }

    private void receive(byte[] datagram, InetSocketAddress from) {
        try {
            if (RelayMessage.isRelay(datagram)) {
                synchronized (server) {
                    server.receive(datagram, from, clock.nowNanos());
                }
            } else if (StunMessage.isStun(datagram)) {
                stun.receive(datagram, from);
            }
        } catch (WireFormatException malformed) {
            LOG.log(Level.TRACE, "datagram is malformed", malformed);
        } catch (RuntimeException fault) {
            LOG.log(Level.ERROR, "relay failed on a datagram", fault);
        }
    }

    /// What the relay sends, by the port or a stream. Whoever calls it holds the server's lock.
    private final class Port implements RelayServer.Outlet {
        private boolean undivided;

        @Override
        public void send(byte[] datagram, InetSocketAddress to) {
            send(datagram, to, false);
        }

        @Override
        public void sendWhole(byte[] datagram, InetSocketAddress to) {
            send(datagram, to, datagram.length > NEVER_DIVIDED_BYTES);
        }

        private void send(byte[] datagram, InetSocketAddress to, boolean whole) {
            if (StreamAddress.is(to)) {
                streams.send(datagram, to);
                return;
            }
            try {
                if (undivided != whole) {
                    socket.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, whole);
                    undivided = whole;
                }
                socket.send(new DatagramPacket(datagram, datagram.length, to));
            } catch (IOException | IllegalArgumentException | UnsupportedOperationException no) {
                LOG.log(Level.TRACE, "the network refuses a datagram now", no);
            }
        }
    }
}
