// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.Endpoints;

/// Keeps a port of the router open towards this computer for as long as it is not closed.
public final class RouterPort implements AutoCloseable {
    /// How long a mapping is asked for: routers forget those of computers that vanished. Source:
    /// RFC 6886, section 3.3.
    private static final Duration LIFETIME = Duration.ofHours(1);

    /// How soon a router is asked again that did not answer, refused, or was not there.
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(5);

    /// How often the default route is looked at, for a laptop that moves; a mapping is not renewed
    /// more often either.
    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

    /// Ports that are tried where the router does not choose one itself.
    private static final int PORTS_MAX = 3;

    private static final int PCP_PORT = 5351;

    private static final System.Logger LOG = System.getLogger(RouterPort.class.getName());

    /// What came of asking the router.
    ///
    /// @param protocol `PCP`, `NAT-PMP` or `UPnP`; empty if none is spoken
    /// @param external the address at which the world reaches the port, if the router gave one
    /// @param trouble why there is none, or why it does not help; empty if all is well
    public record State(String protocol, Optional<InetSocketAddress> external, String trouble) {}

    /// Finds the router; there may be none.
    interface RouterFinder {
        Optional<Router> find() throws IOException;
    }

    private final int ownPort;
    private final RouterFinder finder;
    private final Consumer<State> listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile State state =
            new State("", Optional.empty(), "the router has not answered yet");
    private Optional<Router> router = Optional.empty();
    private long dueNanos;
    private @Nullable PortMapper mapper;
    private @Nullable PortMapping mapping;

    RouterPort(int ownPort, RouterFinder finder, Consumer<State> listener) {
        this.ownPort = ownPort;
        this.finder = finder;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("router-port-" + ownPort).unstarted(this::keep);
    }

    /// Asks the router of the default route for a UDP port, and goes on asking.
    ///
    /// @param ownPort this computer's UDP port
    /// @param listener is told of every change, on a thread of its own
    public static RouterPort open(int ownPort, Consumer<State> listener) {
        RouterPort port = new RouterPort(ownPort, Router::ofDefaultRoute, listener);
        port.thread.start();
        return port;
    }

    /// What came of it so far.
    public State state() {
        return state;
    }

    /// Gives the port back, unless the router is silent. Waits up to 2 s.
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep() {
        try {
            dueNanos = System.nanoTime();
            do {
                look();
            } while (!closed.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS));
            PortMapper last = mapper;
            PortMapping held = mapping;
            if (last != null && held != null) {
                last.unmap(ownPort, held.external().getPort());
            }
        } catch (IOException silent) {
            LOG.log(Level.DEBUG, "the router keeps the port until it forgets it", silent);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            Optional<Router> now = finder.find();
            if (!now.equals(router)) {
                router = now;
                mapper = null;
                mapping = null;
                dueNanos = System.nanoTime();
            }
            if (System.nanoTime() - dueNanos < 0) {
                return;
            }
            if (now.isEmpty()) {
                throw new IOException("there is no IPv4 default route");
            }
            PortMapping held = mapping(now.get());
            mapping = held;
            become(
                    new State(
                            mapper == null ? "" : mapper.name(),
                            Optional.of(held.external()),
                            Endpoints.isPublic(held.external().getAddress())
                                    ? ""
                                    : "the router has another NAT before it"));
            Duration kept = held.lifetime().compareTo(LIFETIME) < 0 ? held.lifetime() : LIFETIME;
            dueNanos = System.nanoTime() + kept.dividedBy(2).toNanos();
        } catch (IOException failed) {
            mapper = null;
            mapping = null;
            dueNanos = System.nanoTime() + AFTER_FAILURE.toNanos();
            become(new State("", Optional.empty(), String.valueOf(failed.getMessage())));
        }
    }

    private PortMapping mapping(Router asked) throws IOException {
        PortMapper known = mapper;
        PortMapping held = mapping;
        if (known != null && held != null) {
            return known.map(ownPort, held.external().getPort(), LIFETIME);
        }
        IOException last = new IOException("the router speaks none of PCP, NAT-PMP and UPnP");
        List<PortMapper> mappers =
                List.of(
                        new PcpMapper(asked, PCP_PORT),
                        new NatPmpMapper(asked, PCP_PORT),
                        new UpnpMapper(asked));
        for (PortMapper each : mappers) {
            try {
                PortMapping mapped = first(each);
                mapper = each;
                return mapped;
            } catch (MappingRefusedException refused) {
                last = refused;
            } catch (IOException silent) {
                LOG.log(Level.DEBUG, () -> each.name() + " is not spoken", silent);
            }
        }
        throw last;
    }

    /// The first mapping: of the same port if it is free.
    private PortMapping first(PortMapper each) throws IOException {
        int wanted = ownPort;
        for (int attempt = 1; ; attempt++) {
            try {
                return each.map(ownPort, wanted, LIFETIME);
            } catch (UpnpMapper.Fault taken) {
                if (attempt == PORTS_MAX) {
                    throw new MappingRefusedException(String.valueOf(taken.getMessage()));
                }
                wanted = ThreadLocalRandom.current().nextInt(20_000, 60_000);
            }
        }
    }

    private void become(State now) {
        if (!now.equals(state)) {
            state = now;
            LOG.log(Level.DEBUG, () -> "router port=" + ownPort + " " + now);
            listener.accept(now);
        }
    }
}
