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

/// Many further UDP ports that are open for some seconds, until one of them is let in somewhere.
/// One that has received something stays while it is used.
///
/// Its thread begins with the first fan and ends with [#close].
public final class PortFan implements AutoCloseable {
    /// Ports of one fan, and how many there are at once with those that are in use.
    static final int FAN_MAX = 256;

    static final int PORTS_MAX = 320;

    /// As long as a search at random ports and its answers take.
    static final long SEARCH_NANOS = 4_000_000_000L;

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
    private final Queue<Fan> fans = new ArrayDeque<>();
    private @Nullable Selector selector;
    private @Nullable Thread thread;
    private long busyUntilNanos = Long.MIN_VALUE;
    private long number;
    private boolean closed;

    private static final class Fan {
        final byte[] opener;
        final List<InetSocketAddress> targets;
        final int ports;

        Fan(byte[] opener, List<InetSocketAddress> targets, int ports) {
            this.opener = opener.clone();
            this.targets = List.copyOf(targets);
            this.ports = ports;
        }
    }

    /// A port; `remote` is the first that was let in, and the only one.
    private static final class Door {
        final long number;
        final DatagramChannel channel;
        final List<InetSocketAddress> targets;
        volatile @Nullable InetSocketAddress remote;
        volatile long untilNanos;

        Door(
                long number,
                DatagramChannel channel,
                List<InetSocketAddress> targets,
                long untilNanos) {
            this.number = number;
            this.channel = channel;
            this.targets = targets;
            this.untilNanos = untilNanos;
        }
    }

    /// @param clock nanoseconds
    public PortFan(LongSupplier clock, Receiver receiver) {
        this.clock = clock;
        this.receiver = receiver;
    }

    /// Opens so many ports soon and sends `opener` near the targets from each; false while another
    /// fan is open.
    public synchronized boolean open(byte[] opener, List<InetSocketAddress> targets, int ports) {
        long now = clock.getAsLong();
        if (closed || now < busyUntilNanos || doors.size() + ports > PORTS_MAX) {
            return false;
        }
        if (ports > FAN_MAX || !targets.stream().allMatch(PortFan::isVersion4)) {
            throw new IllegalArgumentException("fan: expected up to 256 ports and IPv4");
        }
        try {
            Selector woken = begin();
            fans.add(new Fan(opener, targets, ports));
            busyUntilNanos = now + SEARCH_NANOS;
            woken.wakeup();
            return true;
        } catch (IOException refused) {
            LOG.log(Level.DEBUG, "further ports cannot be opened", refused);
            return false;
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

    private synchronized @Nullable Fan next() {
        return fans.poll();
    }

    private void run(Selector own) {
        ByteBuffer buffer = ByteBuffer.allocate(UdpSocket.RECEIVED_MAX);
        try (own) {
            while (!isClosed()) {
                for (Fan fan = next(); fan != null; fan = next()) {
                    unfold(own, fan);
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

    private void unfold(Selector own, Fan fan) {
        for (int i = 0; i < fan.ports; i++) {
            try {
                DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
                Door door =
                        new Door(number++, channel, fan.targets, clock.getAsLong() + SEARCH_NANOS);
                doors.put(door.number, door);
                channel.bind(new InetSocketAddress(0)).configureBlocking(false);
                channel.register(own, SelectionKey.OP_READ, door);
                for (InetSocketAddress target : fan.targets) {
                    knock(channel, fan.opener, target);
                }
            } catch (IOException refused) {
                LOG.log(
                        Level.WARNING,
                        "a further port cannot be opened after " + i + " of " + fan.ports,
                        refused);
                return;
            }
        }
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
                        ? door.targets.stream()
                                .anyMatch(each -> each.getAddress().equals(from.getAddress()))
                        : remote.equals(from);
        if (admitted) {
            door.remote = from;
            door.untilNanos = clock.getAsLong() + SILENCE_NANOS;
        }
        return admitted;
    }

    private void closeUnused() {
        long now = clock.getAsLong();
        doors.values().stream().filter(each -> now >= each.untilNanos).forEach(this::close);
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
