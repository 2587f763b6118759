// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/// Takes neighbours' connections and answers their requests. Who isn't named by the coordinator
/// gets no further than TLS.
final class Listener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Listener.class.getName());

    /// Connections whose other side isn't known yet; further ones are closed.
    static final int STRANGERS_MAX = 16;

    /// A handshake costs a few milliseconds of a processor: strangers get a small part of one.
    static final int STRANGERS_A_SECOND_MAX = 50;

    /// For TLS, on a LAN.
    static final long STRANGER_NANOS_MAX = TimeUnit.SECONDS.toNanos(3);

    /// Of one neighbour: as many as it asks for, and those that it has just closed.
    static final int OF_NEIGHBOUR_MAX = 2 * NeighbourLine.CONNECTIONS_MAX;

    /// All in all, what 32 neighbours have at most.
    private static final int CONNECTIONS_MAX = 32 * NeighbourLine.CONNECTIONS_MAX;

    /// A connection may rest for so long between two requests.
    private static final long REST_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    /// An answer may take so long, the neighbour's wait included.
    private static final long ANSWER_NANOS_MAX = TimeUnit.SECONDS.toNanos(25);

    /// Chunks that are sent at once: each takes up to 256 KiB of memory.
    private static final int ANSWERS_MAX = 8;

    private static final int BACKLOG = 32;

    private static final long LOOK_MILLIS = 500;

    private final Service service;
    private final Traffic traffic;
    private final List<SSLServerSocket> servers = new ArrayList<>();
    private final Semaphore strangers = new Semaphore(STRANGERS_MAX);
    private final Semaphore answers = new Semaphore(ANSWERS_MAX);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> ofNeighbour = new HashMap<>();
    private final Thread watch;
    private long greetedSecond;
    private int greeted;
    private volatile boolean closed;

    /// What is served.
    interface Service {
        /// Whether the coordinator names that certificate for any image.
        boolean knows(String certificate);

        /// The chunk, or nothing if it is not here.
        ///
        /// @throws ExchangeFormatException if that image is none of that neighbour's business
        java.util.Optional<ByteBuffer> give(String certificate, ChunkRequest request)
                throws IOException, InterruptedException;
    }

    private static final class Connection {
        private final SSLSocket socket;
        private volatile long untilNanos;

        Connection(SSLSocket socket) {
            this.socket = socket;
            this.untilNanos = System.nanoTime() + STRANGER_NANOS_MAX;
        }

        private void mayTake(long nanos) {
            untilNanos = System.nanoTime() + nanos;
        }
    }

    private Listener(Service service, Traffic traffic) {
        this.service = service;
        this.traffic = traffic;
        this.watch = Thread.ofVirtual().name("neighbours-watch").unstarted(this::watch);
    }

    /// Listens from now on.
    ///
    /// @param port at all of these addresses, 0 for any
    static Listener open(
            List<InetAddress> addresses,
            int port,
            ExchangeKey key,
            Service service,
            Traffic traffic)
            throws IOException {
        Listener listener = new Listener(service, traffic);
        SSLContext tls = key.context(service::knows);
        try {
            for (InetAddress address : addresses) {
                SSLServerSocket server =
                        (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
                listener.servers.add(server);
                server.setEnabledProtocols(new String[] {"TLSv1.3"});
                server.setNeedClientAuth(true);
                server.setReuseAddress(true);
                server.bind(new InetSocketAddress(address, port), BACKLOG);
                Thread.ofVirtual()
                        .name("neighbours-" + server.getLocalPort())
                        .start(() -> listener.accept(server));
            }
            listener.watch.start();
            return listener;
        } catch (IOException taken) {
            listener.close();
            throw new IOException(
                    "listening on port " + port + " (setting share-port): " + taken.getMessage(),
                    taken);
        }
    }

    /// Where.
    List<String> endpoints() {
        return servers.stream()
                .map(server ->
                        ExchangeAddresses.text(
                                new InetSocketAddress(
                                        server.getInetAddress(), server.getLocalPort())))
                .toList();
    }

    @Override
    public void close() {
        closed = true;
        for (SSLServerSocket server : servers) {
            try {
                server.close();
            } catch (IOException alreadyGone) {
                LOG.log(System.Logger.Level.DEBUG, () -> "not closed cause=" + alreadyGone);
            }
        }
        connections.forEach(connection -> shut(connection.socket));
        watch.interrupt();
    }

    private void accept(SSLServerSocket server) {
        while (!closed) {
            try {
                SSLSocket socket = (SSLSocket) server.accept();
                begin(socket);
            } catch (IOException failed) {
                LOG.log(System.Logger.Level.DEBUG, () -> "no neighbour taken cause=" + failed);
                if (!rested()) {
                    return;
                }
            }
        }
    }

    /// Whoever has no file descriptor left would be told so again at once, and without end.
    private static boolean rested() {
        try {
            Thread.sleep(LOOK_MILLIS);
            return true;
        } catch (InterruptedException closing) {
            return false;
        }
    }

    private void begin(SSLSocket socket) {
        boolean welcome =
                ExchangeAddresses.mayCall(socket.getInetAddress(), socket.getLocalAddress())
                        && connections.size() < CONNECTIONS_MAX
                        && mayGreet(System.nanoTime() / 1_000_000_000)
                        && strangers.tryAcquire();
        if (!welcome) {
            shut(socket);
            return;
        }
        Connection connection = new Connection(socket);
        connections.add(connection);
        Thread.ofVirtual().name("neighbour").start(() -> serve(connection));
    }

    private void serve(Connection connection) {
        String neighbour = "";
        try {
            try {
                connection.socket.setTcpNoDelay(true);
                connection.socket.startHandshake();
                neighbour = ExchangeKey.peer(connection.socket);
            } finally {
                strangers.release();
            }
            if (enter(neighbour)) {
                try {
                    answerOnAndOn(connection, neighbour);
                } finally {
                    leave(neighbour);
                }
            }
        } catch (IOException over) {
            String who = neighbour;
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> "neighbour's connection over peer=" + who + " cause=" + over);
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(connection);
            shut(connection.socket);
        }
    }

    private synchronized boolean mayGreet(long nowSeconds) {
        greeted = nowSeconds == greetedSecond ? greeted + 1 : 1;
        greetedSecond = nowSeconds;
        return greeted <= STRANGERS_A_SECOND_MAX;
    }

    private synchronized boolean enter(String neighbour) {
        int now = ofNeighbour.merge(neighbour, 1, Integer::sum);
        if (now > OF_NEIGHBOUR_MAX) {
            ofNeighbour.put(neighbour, now - 1);
            return false;
        }
        return true;
    }

    private synchronized void leave(String neighbour) {
        ofNeighbour.computeIfPresent(neighbour, (_, now) -> now > 1 ? now - 1 : null);
    }

    private void answerOnAndOn(Connection connection, String neighbour)
            throws IOException, InterruptedException {
        InputStream in = connection.socket.getInputStream();
        while (!closed) {
            connection.mayTake(REST_NANOS_MAX);
            byte[] bytes = in.readNBytes(ChunkRequest.LENGTH_BYTES);
            if (bytes.length == 0) {
                return;
            }
            ChunkRequest request = ChunkRequest.parse(bytes);
            connection.mayTake(ANSWER_NANOS_MAX);
            answer(connection, neighbour, request);
        }
    }

    private void answer(Connection connection, String neighbour, ChunkRequest request)
            throws IOException, InterruptedException {
        OutputStream out = connection.socket.getOutputStream();
        // First, so that who is told "not now" has learnt nothing of what is here.
        java.util.Optional<ByteBuffer> content =
                traffic.isAllowed() ? service.give(neighbour, request) : java.util.Optional.empty();
        if (content.isEmpty()) {
            AnswerHead no = traffic.isAllowed() ? AnswerHead.NOT_HERE : AnswerHead.NOT_NOW;
            out.write(no.toBytes());
            return;
        }
        if (!answers.tryAcquire(1, TimeUnit.SECONDS)) {
            out.write(AnswerHead.NOT_NOW.toBytes());
            return;
        }
        try {
            send(connection, out, content.get());
        } finally {
            answers.release();
        }
    }

    private void send(Connection connection, OutputStream out, ByteBuffer content)
            throws IOException, InterruptedException {
        out.write(new AnswerHead(AnswerHead.Kind.HERE, content.remaining()).toBytes());
        while (content.hasRemaining()) {
            int piece = Math.min(Traffic.PIECE_BYTES, content.remaining());
            if (!traffic.send(piece, connection.untilNanos)) {
                throw new IOException("the owner's limits let nothing pass in time");
            }
            out.write(content.array(), content.arrayOffset() + content.position(), piece);
            content.position(content.position() + piece);
        }
        out.flush();
    }

    /// Ends what takes too long: reads and writes of sockets know no deadline of their own.
    private void watch() {
        while (!closed) {
            if (!rested()) {
                return;
            }
            long now = System.nanoTime();
            for (Connection connection : connections) {
                if (now - connection.untilNanos > 0) {
                    shut(connection.socket);
                }
            }
        }
    }

    /// What TLS would have to say may wait for a lock that a stuck writer holds, so that the
    /// connection below it is what is closed.
    private static void shut(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyGone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not closed cause=" + alreadyGone);
        }
    }
}
