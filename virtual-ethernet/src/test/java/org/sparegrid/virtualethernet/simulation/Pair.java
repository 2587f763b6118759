// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.simulation.SimulatedNetwork.Weather;

/// Two peers and a relay, in virtual time.
final class Pair {
    static final int PORT = 41_777;

    final SimulatedNetwork network;
    final SimulatedRelay relay;
    final SimulatedHost one;
    final SimulatedHost other;

    Pair(
            RandomGenerator random,
            Weather weather,
            @Nullable NatModel first,
            @Nullable NatModel second) {
        network = new SimulatedNetwork(random, weather);
        relay = new SimulatedRelay(network);
        one = host("203.0.113.1", first);
        other = host("203.0.113.2", second);
        one.stream(relay);
        one.join(List.of(one, other), List.of(relay.spec()));
        other.join(List.of(one, other), List.of(relay.spec()));
    }

    private SimulatedHost host(String address, @Nullable NatModel model) {
        return host(network, address, model);
    }

    void blockUdpOfOne(boolean blocked) {
        InetAddress outer = InetAddress.ofLiteral("203.0.113.1");
        network.cut((from, _) -> blocked && from.equals(outer));
    }

    void cutDirect(boolean cut) {
        network.cut((from, to) ->
                cut
                        && !from.equals(SimulatedRelay.address())
                        && !to.equals(SimulatedRelay.address()));
    }

    /// A peer with an address of its own, or behind a translator that has it.
    static SimulatedHost host(SimulatedNetwork network, String outside, @Nullable NatModel model) {
        InetAddress address = InetAddress.ofLiteral(outside);
        SimulatedNat nat = null;
        if (model != null) {
            nat = new SimulatedNat(model, address, network.random);
            network.add(nat);
            // All homes use the same addresses, as real ones do.
            address = InetAddress.ofLiteral("192.168.1.2");
        }
        SimulatedHost host = new SimulatedHost(network, nat, new InetSocketAddress(address, PORT));
        host.announce(List.of(host.address()));
        return host;
    }
}
