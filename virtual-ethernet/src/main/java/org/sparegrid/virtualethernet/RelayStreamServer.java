// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.relay.RelayServer;
import org.sparegrid.virtualethernet.relay.StreamAddress;
import org.sparegrid.virtualethernet.relay.StreamMessage;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// The WebSockets of a relay. Each is to the relay as an address from which datagrams come, so that
/// machines bind, are admitted, share the bandwidth and are counted as over UDP.
public final class RelayStreamServer {
    private static final System.Logger LOG = System.getLogger(RelayStreamServer.class.getName());

    /// Streams in all: each costs about 50 KB with its TLS.
    private static final int STREAMS_MAX = 4_096;

    /// Streams of one address: an office behind one NAT.
    private static final int STREAMS_PER_ADDRESS = 64;

    /// Messages of one stream that wait for the relay's thread; more are dropped.
    private static final int WAITING_PER_STREAM = 32;

    private static final int WAITING_MAX = 1_024;

    /// A machine binds at once; who does not is none.
    private static final long UNBOUND_NANOS = 15_000_000_000L;

    private static final long SWEEP_NANOS = 1_000_000_000L;
    private static final int BACKLOG_MILLIS = 2;
    private static final int IDLE_MILLIS = 500;

    /// The other end of a stream.
    public interface Outlet {
        /// Sends a binary message, or drops it if many wait already; on any thread.
        void send(byte[] message);

        /// Ends the stream.
        void close();
    }

    @SuppressWarnings("ArrayRecordComponent") // passes from thread to thread and is never compared
    private record Arrived(Stream stream, byte[] message) {}

    private final RelayServer server;
    private final SteadyClock clock;
    private final Map<Long, Stream> streams = new ConcurrentHashMap<>();
    private final BlockingQueue<Arrived> arrived = new ArrayBlockingQueue<>(WAITING_MAX);
    private final AtomicLong numbers = new AtomicLong(1);
    private final Thread thread;
    private volatile boolean closed;
    private long sweptNanos;

    /// @param server which is locked while it is used
    RelayStreamServer(RelayServer server, SteadyClock clock) {
        this.server = server;
        this.clock = clock;
        thread = Thread.ofPlatform().name("sparegrid-relay-streams").daemon().unstarted(this::run);
    }

    /// One WebSocket.
    public final class Stream {
        private final long number;
        private final InetAddress address;
        private final Outlet outlet;
        private final long openedNanos;
        private final AtomicInteger waiting = new AtomicInteger();

        private Stream(long number, InetAddress address, Outlet outlet, long openedNanos) {
            this.number = number;
            this.address = address;
            this.outlet = outlet;
            this.openedNanos = openedNanos;
        }

        /// Takes a binary message; never waits.
        public void receive(byte[] message) {
            if (waiting.incrementAndGet() > WAITING_PER_STREAM
                    || !arrived.offer(new Arrived(this, message))) {
                waiting.decrementAndGet();
            }
        }

        /// The WebSocket has ended.
        public void closed() {
            streams.remove(number);
        }
    }

    void start() {
        thread.start();
    }

    void close() {
        closed = true;
        thread.interrupt();
        streams.values().forEach(stream -> stream.outlet.close());
    }

    Optional<Stream> connect(InetAddress address, Outlet outlet) {
        long near = streams.values().stream().filter(s -> s.address.equals(address)).count();
        if (closed || streams.size() >= STREAMS_MAX || near >= STREAMS_PER_ADDRESS) {
            return Optional.empty();
        }
        Stream stream = new Stream(numbers.getAndIncrement(), address, outlet, clock.nowNanos());
        streams.put(stream.number, stream);
        return Optional.of(stream);
    }

    /// Sends a datagram to a stream, if there still is that one.
    void send(byte[] datagram, InetSocketAddress to) {
        Stream stream = streams.get(StreamAddress.number(to));
        if (stream != null && datagram.length <= StreamMessage.DATAGRAM_MAX) {
            Deque<byte[]> one = new ArrayDeque<>(List.of(datagram));
            stream.outlet.send(StreamMessage.join(one));
        }
    }

    private void run() {
        while (!closed) {
            try {
                boolean backlogged;
                synchronized (server) {
                    backlogged = server.isBacklogged();
                }
                Arrived next =
                        arrived.poll(
                                backlogged ? BACKLOG_MILLIS : IDLE_MILLIS, TimeUnit.MILLISECONDS);
                work(next);
            } catch (InterruptedException _) {
                return;
            } catch (RuntimeException fault) {
                LOG.log(Level.ERROR, "relay failed on a stream", fault);
            }
        }
    }

    private void work(@Nullable Arrived next) {
        if (next != null) {
            next.stream().waiting.decrementAndGet();
            receive(next);
        }
        long now = clock.nowNanos();
        synchronized (server) {
            server.tick(now);
        }
        if (now - sweptNanos >= SWEEP_NANOS && !streams.isEmpty()) {
            sweptNanos = now;
            sweep(now);
        }
    }

    private void receive(Arrived next) {
        try {
            InetSocketAddress from = StreamAddress.of(next.stream().number);
            for (byte[] datagram : StreamMessage.divide(next.message())) {
                synchronized (server) {
                    server.receive(datagram, from, clock.nowNanos());
                }
            }
        } catch (WireFormatException malformed) {
            next.stream().outlet.close();
        }
    }

    private void sweep(long now) {
        Set<InetSocketAddress> bound;
        synchronized (server) {
            bound = server.addresses();
        }
        for (Stream stream : streams.values()) {
            if (now - stream.openedNanos > UNBOUND_NANOS
                    && !bound.contains(StreamAddress.of(stream.number))) {
                stream.outlet.close();
            }
        }
    }
}
