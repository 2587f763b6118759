// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.relay.RelayLimits;
import org.sparegrid.virtualethernet.relay.RelayServer;
import org.sparegrid.virtualethernet.relay.StreamAddress;

/// The real relay on the simulated Internet; every key is a member of the one network.
final class SimulatedRelay {
    private static final InetSocketAddress ADDRESS =
            new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 7443);

    private static final long STREAM_NANOS = 25 * SimulatedNetwork.MILLI;

    final RelayServer server;
    private final KeyPair keys;
    private final SimulatedNetwork network;
    private final List<SimulatedHost> streams = new ArrayList<>();

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
                        this::send);
        network.listen(
                null, ADDRESS, (datagram, from) -> server.receive(datagram, from, network.now()));
        network.at(0, this::tick);
    }

    RelaySpec spec() {
        return new RelaySpec(
                ADDRESS, keys.publicKey(), Optional.of(URI.create("https://relay.example/")));
    }

    /// What a host sends over its stream, which loses nothing.
    void receiveStream(SimulatedHost host, byte[] datagram) {
        if (!streams.contains(host)) {
            streams.add(host);
        }
        InetSocketAddress from = StreamAddress.of(1_000 + streams.indexOf(host));
        network.at(STREAM_NANOS, () -> server.receive(datagram, from, network.now()));
    }

    private void send(byte[] datagram, InetSocketAddress to) {
        if (StreamAddress.is(to)) {
            SimulatedHost host = streams.get((int) StreamAddress.number(to) - 1_000);
            network.at(STREAM_NANOS, () -> host.receiveStream(datagram));
        } else {
            network.send(null, datagram, ADDRESS, to, SimulatedNetwork.HOPS_ANY);
        }
    }

    static InetAddress address() {
        return ADDRESS.getAddress();
    }

    private void tick() {
        server.tick(network.now());
        network.at(10 * SimulatedNetwork.MILLI, this::tick);
    }
}
