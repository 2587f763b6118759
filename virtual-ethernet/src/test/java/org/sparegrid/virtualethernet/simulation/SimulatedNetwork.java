// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The Internet in virtual time: delay, jitter, loss, duplication, partitions, and translators.
final class SimulatedNetwork {
    static final long MILLI = 1_000_000L;
    static final long SECOND = 1000 * MILLI;

    /// Routers between a home and the core, and through the core.
    private static final int CORE_HOPS = 3;

    static final int HOPS_ANY = 64;

    /// The opener passes two routers.
    static final int HOPS_NEAR = 2;

    /// Takes what arrives at one address.
    @FunctionalInterface
    interface Receiver {
        void receive(byte[] datagram, InetSocketAddress from);
    }

    /// What happens at a time; `order` decides between events of the same time.
    private record Event(long atNanos, long order, Runnable action) {}

    /// What the way between two places does to packets.
    ///
    /// @param delayNanos one way
    /// @param jitterNanos up to so much is added, so that packets overtake each other
    /// @param loss part of the packets that vanish
    /// @param duplication part of the packets that come twice
    record Weather(long delayNanos, long jitterNanos, double loss, double duplication) {
        static final Weather FAIR = new Weather(20 * MILLI, MILLI, 0, 0);
    }

    final RandomGenerator random;
    private final Weather weather;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
    private final Map<InetAddress, SimulatedNat> nats = new HashMap<>();
    private final Map<InetSocketAddress, Receiver> outside = new HashMap<>();
    private final Map<SimulatedNat, Map<InetSocketAddress, Receiver>> inside = new HashMap<>();
    private BiPredicate<InetAddress, InetAddress> cut = (_, _) -> false;
    private int longest = Integer.MAX_VALUE;
    private final Map<InetAddress, Integer> narrow = new HashMap<>();
    private Consumer<byte[]> spy = _ -> {};
    private long now;
    private long order;
    private long carried;

    SimulatedNetwork(RandomGenerator random, Weather weather) {
        this.random = random;
        this.weather = weather;
    }

    long now() {
        return now;
    }

    /// Datagrams that were sent.
    long carried() {
        return carried;
    }

    void add(SimulatedNat nat) {
        nats.put(nat.outside(), nat);
        inside.put(nat, new HashMap<>());
    }

    /// Puts a receiver at an address, behind `nat` or in the open.
    void listen(@Nullable SimulatedNat nat, InetSocketAddress at, Receiver receiver) {
        (nat == null ? outside : inside.get(nat)).put(at, receiver);
    }

    /// Removes the receiver at an address.
    void silence(@Nullable SimulatedNat nat, InetSocketAddress at) {
        (nat == null ? outside : inside.get(nat)).remove(at);
    }

    /// Parts every two outer addresses for which the predicate holds, in either order.
    void cut(BiPredicate<InetAddress, InetAddress> between) {
        cut = between;
    }

    /// Drops all datagrams between places that are longer, and tells nobody.
    void narrow(int datagramBytes) {
        longest = datagramBytes;
    }

    /// The same for one place only.
    void narrow(InetAddress outside, int datagramBytes) {
        narrow.put(outside, datagramBytes);
    }

    private boolean carries(int datagramBytes, InetAddress from, InetAddress to) {
        return datagramBytes <= longest
                && datagramBytes <= narrow.getOrDefault(from, longest)
                && datagramBytes <= narrow.getOrDefault(to, longest);
    }

    /// Shows all datagrams that leave a machine.
    void spy(Consumer<byte[]> onTheWire) {
        spy = onTheWire;
    }

    void at(long delayNanos, Runnable action) {
        events.add(new Event(now + delayNanos, order++, action));
    }

    void runFor(long nanos) {
        long end = now + nanos;
        while (!events.isEmpty() && events.peek().atNanos() <= end) {
            Event next = events.remove();
            now = next.atNanos();
            next.action().run();
        }
        now = end;
    }

    /// Sends a datagram from a machine behind `nat`, or in the open.
    void send(
            @Nullable SimulatedNat nat,
            byte[] datagram,
            InetSocketAddress from,
            InetSocketAddress to,
            int hops) {
        carried++;
        spy.accept(datagram);
        if (nat == null) {
            cross(datagram, from, to, hops);
            return;
        }
        Receiver neighbour = inside.get(nat).get(to);
        if (neighbour != null) {
            at(MILLI / 2, () -> neighbour.receive(datagram, from));
            return;
        }
        boolean hairpin = to.getAddress().equals(nat.outside());
        if (isInner(to.getAddress()) || (hairpin && !nat.model().hairpin())) {
            return;
        }
        InetSocketAddress mapped = nat.outbound(from, to, now);
        if (hairpin) {
            enter(nat, datagram, mapped, to);
        } else {
            cross(datagram, mapped, to, hops - 1);
        }
    }

    private void cross(byte[] datagram, InetSocketAddress from, InetSocketAddress to, int hops) {
        if (hops < CORE_HOPS
                || !carries(datagram.length, from.getAddress(), to.getAddress())
                || cut.test(from.getAddress(), to.getAddress())
                || cut.test(to.getAddress(), from.getAddress())
                || random.nextDouble() < weather.loss()) {
            return;
        }
        long delay = weather.delayNanos() + random.nextLong(1 + weather.jitterNanos());
        at(delay, () -> arrive(datagram, from, to));
        if (random.nextDouble() < weather.duplication()) {
            at(delay + weather.delayNanos(), () -> arrive(datagram.clone(), from, to));
        }
    }

    private void arrive(byte[] datagram, InetSocketAddress from, InetSocketAddress to) {
        SimulatedNat nat = nats.get(to.getAddress());
        if (nat != null) {
            enter(nat, datagram, from, to);
        } else {
            Optional.ofNullable(outside.get(to))
                    .ifPresent(receiver -> receiver.receive(datagram, from));
        }
    }

    private void enter(
            SimulatedNat nat, byte[] datagram, InetSocketAddress from, InetSocketAddress to) {
        nat.inbound(to.getPort(), from, now)
                .map(inside.get(nat)::get)
                .ifPresent(receiver -> receiver.receive(datagram, from));
    }

    private static boolean isInner(InetAddress address) {
        return address.isSiteLocalAddress();
    }
}
