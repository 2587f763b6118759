// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.relay.RelayLimits;
import org.sparegrid.virtualethernet.relay.RelayServer;

/// The real relay on the simulated Internet; every key is a member of the one network.
final class SimulatedRelay {
    private static final InetSocketAddress ADDRESS =
            new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 7443);

    final RelayServer server;
    private final KeyPair keys;
    private final SimulatedNetwork network;

    SimulatedRelay(SimulatedNetwork network) {
        this.network = network;
        byte[] secret = new byte[32];
        network.random.nextBytes(secret);
        keys = KeyPair.of(PrivateKey.of(secret));
        server =
                new RelayServer(
                        keys,
                        _ -> Optional.of("blue"),
                        RelayLimits.ofBandwidth(100_000_000),
                        network.random,
                        (datagram, to) ->
                                network.send(
                                        null, datagram, ADDRESS, to, SimulatedNetwork.HOPS_ANY));
        network.listen(
                null, ADDRESS, (datagram, from) -> server.receive(datagram, from, network.now()));
        network.at(0, this::tick);
    }

    RelaySpec spec() {
        return new RelaySpec(ADDRESS, keys.publicKey());
    }

    static InetAddress address() {
        return ADDRESS.getAddress();
    }

    private void tick() {
        server.tick(network.now());
        network.at(10 * SimulatedNetwork.MILLI, this::tick);
    }
}
