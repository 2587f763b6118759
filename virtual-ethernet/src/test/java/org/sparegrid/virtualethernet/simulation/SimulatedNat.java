// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// An address translator of a model, with the flows it knows.
final class SimulatedNat {
    private record Tuple(int port, InetSocketAddress remote) {}

    /// A port as somebody sees it who is let in where his kind is known.
    private record Door(int port, Object who) {}

    private static final class Flow {
        final int port;
        long usedNanos;

        Flow(int port) {
            this.port = port;
        }
    }

    private final NatModel model;
    private final InetAddress outside;
    private final RandomGenerator random;
    private final Map<InetSocketAddress, Map<InetSocketAddress, Flow>> flows = new HashMap<>();
    private final Map<List<Object>, Integer> ports = new HashMap<>();
    private final Map<Integer, InetSocketAddress> owners = new HashMap<>();
    private final Map<Tuple, Long> ownFlows = new HashMap<>();
    private final Map<Door, Long> usedNanos = new HashMap<>();

    SimulatedNat(NatModel model, InetAddress outside, RandomGenerator random) {
        this.model = model;
        this.outside = outside;
        this.random = random;
    }

    InetAddress outside() {
        return outside;
    }

    NatModel model() {
        return model;
    }

    /// Forgets everything, like a router that was switched off.
    void restart() {
        flows.clear();
        ports.clear();
        owners.clear();
        ownFlows.clear();
        usedNanos.clear();
    }

    /// The outer address from which a packet goes on.
    InetSocketAddress outbound(InetSocketAddress inside, InetSocketAddress remote, long now) {
        Map<InetSocketAddress, Flow> own = flows.computeIfAbsent(inside, _ -> new HashMap<>());
        Flow flow = own.get(remote);
        if (flow == null || now - flow.usedNanos > model.timeoutNanos()) {
            flow = new Flow(port(inside, remote, now));
            own.put(remote, flow);
        }
        flow.usedNanos = now;
        usedNanos.put(door(flow.port, remote), now);
        return new InetSocketAddress(outside, flow.port);
    }

    /// The inner address to which a packet goes on, unless it is dropped.
    Optional<InetSocketAddress> inbound(int port, InetSocketAddress remote, long now) {
        InetSocketAddress owner = owners.get(port);
        if (owner != null && admits(port, remote, now)) {
            Flow flow = flows.getOrDefault(owner, Map.of()).get(remote);
            if (flow != null) {
                flow.usedNanos = now;
                usedNanos.put(door(flow.port, remote), now);
            }
            return Optional.of(owner);
        }
        if (model.acceptsInput()) {
            ownFlows.put(new Tuple(port, remote), now);
        }
        return Optional.empty();
    }

    private boolean admits(int port, InetSocketAddress remote, long now) {
        Long used = usedNanos.get(door(port, remote));
        return used != null && now - used <= model.timeoutNanos();
    }

    /// What must have been used lately for `remote` to be let in.
    private Door door(int port, InetSocketAddress remote) {
        return switch (model.filtering()) {
            case NOBODY -> new Door(port, model);
            case ADDRESS -> new Door(port, remote.getAddress());
            case ADDRESS_AND_PORT -> new Door(port, remote);
        };
    }

    private int port(InetSocketAddress inside, InetSocketAddress remote, long now) {
        List<Object> key =
                switch (model.mapping()) {
                    case ENDPOINT_INDEPENDENT -> List.of(inside);
                    case ADDRESS -> List.of(inside, remote.getAddress());
                    case ADDRESS_AND_PORT -> List.of(inside, remote);
                };
        int port = ports.computeIfAbsent(key, _ -> freePort(inside));
        owners.put(port, inside);
        Long taken = ownFlows.get(new Tuple(port, remote));
        if (taken != null && now - taken < model.timeoutNanos()) {
            port = freePort(inside);
            owners.put(port, inside);
        }
        return port;
    }

    private int freePort(InetSocketAddress inside) {
        int port = inside.getPort();
        while (!model.keepsPort() && port == inside.getPort() || owners.containsKey(port)) {
            port = 1024 + random.nextInt(64_512);
        }
        return port;
    }
}
