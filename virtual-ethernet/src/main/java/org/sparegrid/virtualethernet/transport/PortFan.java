// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.linux.NearUdp;
import org.sparegrid.virtualethernet.path.Fan;

/// Many further UDP ports that are open for some seconds, until one of them is let in somewhere.
/// One that has received something stays while it is used.
///
/// Its thread begins with the first fan and ends with [#close].
public final class PortFan implements AutoCloseable {
    /// Ports of one fan, and how many there are at once with those that are in use.
    static final int FAN_MAX = 256;

    static final int PORTS_MAX = 320;

    /// As long as a search at random ports and its answers take, which may wait for another first.
    static final long SEARCH_NANOS = 6_000_000_000L;

    /// As long as a busy computer may take to open them.
    static final long OPENING_NANOS = 20_000_000_000L;

    /// A port in use is pinged every 3 s; silence of two minutes means that it is not.
    static final long SILENCE_NANOS = 120_000_000_000L;

    private static final System.Logger LOG = System.getLogger(PortFan.class.getName());
    private static final int NEAR_HOPS = 2;
    private static final long LOOK_MILLIS = 250;

    /// Takes datagrams of a further port.
    @FunctionalInterface
    public interface Receiver {
        void receive(long door, byte[] datagram);
    }

    private final Receiver receiver;
    private final LongSupplier clock;
    private final Map<Long, Door> doors = new ConcurrentHashMap<>();
    private final Queue<Search> searches = new ArrayDeque<>();
    private @Nullable Selector selector;
    private @Nullable Thread thread;
    private @Nullable Search newest;
    private long number;
    private boolean closed;

    private final class Search implements Fan {
        final byte[] opener;
        final List<InetSocketAddress> targets;
        final int ports;
        private boolean open;
        private long untilNanos;

        Search(byte[] opener, List<InetSocketAddress> targets, int ports, long untilNanos) {
            this.opener = opener.clone();
            this.targets = List.copyOf(targets);
            this.ports = ports;
            this.untilNanos = untilNanos;
        }

        synchronized boolean isOver() {
            return clock.getAsLong() >= untilNanos;
        }

        synchronized void opened() {
            if (!isOver()) {
                open = true;
                untilNanos = clock.getAsLong() + SEARCH_NANOS;
            }
        }

        @Override
        public synchronized boolean isOpen() {
            return open && !isOver();
        }

        @Override
        public synchronized void close() {
            untilNanos = clock.getAsLong();
        }
    }

    /// A port; `remote` is the first that was let in, and the only one.
    private static final class Door {
        final long number;
        final DatagramChannel channel;
        final Search search;
        volatile @Nullable InetSocketAddress remote;
        volatile long heardNanos;

        Door(long number, DatagramChannel channel, Search search) {
            this.number = number;
            this.channel = channel;
            this.search = search;
        }

        boolean isUnused(long nowNanos) {
            return remote == null ? search.isOver() : nowNanos - heardNanos >= SILENCE_NANOS;
        }
    }

    /// @param clock nanoseconds
    public PortFan(LongSupplier clock, Receiver receiver) {
        this.clock = clock;
        this.receiver = receiver;
    }

    /// Opens so many ports soon and sends `opener` near the targets from each; empty while another
    /// fan is open.
    public synchronized Optional<Fan> open(
            byte[] opener, List<InetSocketAddress> targets, int ports) {
        boolean busy = newest != null && !newest.isOver();
        if (closed || busy || doors.size() + ports > PORTS_MAX) {
            return Optional.empty();
        }
        if (ports > FAN_MAX || !targets.stream().allMatch(PortFan::isVersion4)) {
            throw new IllegalArgumentException("fan: expected up to 256 ports and IPv4");
        }
        try {
            Selector woken = begin();
            Search search = new Search(opener, targets, ports, clock.getAsLong() + OPENING_NANOS);
            newest = search;
            searches.add(search);
            woken.wakeup();
            return Optional.of(search);
        } catch (IOException refused) {
            LOG.log(Level.DEBUG, "further ports cannot be opened", refused);
            return Optional.empty();
        }
    }

    private static boolean isVersion4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }

    private Selector begin() throws IOException {
        Selector made = selector;
        if (made == null) {
            made = Selector.open();
            selector = made;
            Selector own = made;
            thread = Thread.ofPlatform().name("sparegrid-fan").daemon().start(() -> run(own));
        }
        return made;
    }

    /// Sends a datagram from a port to whom it has let in; false if it is closed.
    public boolean send(long door, ByteBuffer datagram) {
        Door known = doors.get(door);
        InetSocketAddress remote = known == null ? null : known.remote;
        if (known == null || remote == null) {
            return false;
        }
        try {
            return known.channel.send(datagram, remote) > 0;
        } catch (IOException refused) {
            return false;
        }
    }

    /// Sends a datagram that no router may divide.
    public synchronized boolean sendWhole(long door, ByteBuffer datagram) {
        Door known = doors.get(door);
        if (known == null) {
            return false;
        }
        try {
            known.channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            try {
                return send(door, datagram);
            } finally {
                known.channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, false);
            }
        } catch (IOException | UnsupportedOperationException refused) {
            return false;
        }
    }

    /// Whom a port has let in.
    public Optional<InetSocketAddress> remote(long door) {
        return Optional.ofNullable(doors.get(door)).map(known -> known.remote);
    }

    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
            if (selector != null) {
                selector.wakeup();
            }
        }
        if (running != null && !running.equals(Thread.currentThread())) {
            try {
                running.join();
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized @Nullable Search next() {
        return searches.poll();
    }

    private void run(Selector own) {
        ByteBuffer buffer = ByteBuffer.allocate(UdpSocket.RECEIVED_MAX);
        try (own) {
            while (!isClosed()) {
                for (Search search = next(); search != null; search = next()) {
                    unfold(own, search);
                }
                own.select(key -> receive(key, buffer), doors.isEmpty() ? 0 : LOOK_MILLIS);
                closeUnused();
            }
        } catch (IOException | UncheckedIOException failed) {
            LOG.log(Level.WARNING, "further ports are closed", failed);
        } finally {
            doors.values().forEach(this::close);
        }
    }

    private void unfold(Selector own, Search search) {
        for (int i = 0; i < search.ports && !search.isOver(); i++) {
            try {
                DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
                Door door = new Door(number++, channel, search);
                doors.put(door.number, door);
                channel.bind(new InetSocketAddress(0)).configureBlocking(false);
                channel.register(own, SelectionKey.OP_READ, door);
                for (InetSocketAddress target : search.targets) {
                    knock(channel, search.opener, target);
                }
            } catch (IOException refused) {
                LOG.log(
                        Level.WARNING,
                        "a further port cannot be opened after " + i + " of " + search.ports,
                        refused);
                break;
            }
        }
        search.opened();
    }

    /// Where the system cannot say how near, the opener goes all the way.
    private static void knock(DatagramChannel channel, byte[] opener, InetSocketAddress target)
            throws IOException {
        int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
        try {
            // Shared only for this moment, so that no other process can take the port as well.
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            Inet4Address address = (Inet4Address) target.getAddress();
            NearUdp.send(opener, port, address, target.getPort(), NEAR_HOPS);
        } catch (IOException | UnsupportedOperationException | LinkageError without) {
            LOG.log(Level.DEBUG, "the opener is sent from afar", without);
            channel.send(ByteBuffer.wrap(opener), target);
        } finally {
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, false);
        }
    }

    private void receive(SelectionKey key, ByteBuffer buffer) {
        Door door = (Door) key.attachment();
        try {
            for (; ; ) {
                buffer.clear();
                InetSocketAddress from = (InetSocketAddress) door.channel.receive(buffer);
                if (from == null) {
                    return;
                }
                if (admits(door, from)) {
                    byte[] datagram = new byte[buffer.flip().remaining()];
                    buffer.get(datagram);
                    receiver.receive(door.number, datagram);
                }
            }
        } catch (IOException failed) {
            LOG.log(Level.DEBUG, "a further port cannot receive", failed);
            close(door);
        }
    }

    private boolean admits(Door door, InetSocketAddress from) {
        InetSocketAddress remote = door.remote;
        boolean admitted =
                remote == null
                        ? door.search.targets.stream()
                                .anyMatch(each -> each.getAddress().equals(from.getAddress()))
                        : remote.equals(from);
        if (admitted) {
            door.remote = from;
            door.heardNanos = clock.getAsLong();
        }
        return admitted;
    }

    private void closeUnused() {
        long now = clock.getAsLong();
        doors.values().stream().filter(each -> each.isUnused(now)).forEach(this::close);
    }

    private void close(Door door) {
        doors.remove(door.number);
        try {
            door.channel.close();
        } catch (IOException failed) {
            LOG.log(Level.DEBUG, "a further port cannot be closed", failed);
        }
    }
}
