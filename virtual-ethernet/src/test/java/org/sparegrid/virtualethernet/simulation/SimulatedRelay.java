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
import org.sparegrid.virtualethernet.stun.StunMessage;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// The real relay on the simulated Internet; every key is a member of the one network.
final class SimulatedRelay implements RelayServer.Outlet {
    private static final InetSocketAddress ADDRESS =
            new InetSocketAddress(InetAddress.ofLiteral("198.51.100.1"), 7443);

    private static final InetSocketAddress SECOND =
            new InetSocketAddress(ADDRESS.getAddress(), 7444);

    private static final long STREAM_NANOS = 25 * SimulatedNetwork.MILLI;

    /// Three round trips, for TCP, TLS and the WebSocket, and what they cost a computer that does
    /// it for the first time.
    private static final long STREAM_OPENS_NANOS = 500 * SimulatedNetwork.MILLI;

    final RelayServer server;
    private final KeyPair keys;
    private final SimulatedNetwork network;
    private final List<SimulatedHost> streams = new ArrayList<>();
    private final List<Long> openNanos = new ArrayList<>();
    private long streamed;

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
                        this);
        network.listen(null, ADDRESS, this::receive);
        network.listen(null, SECOND, (datagram, from) -> answer(datagram, from, SECOND, ADDRESS));
        network.at(0, this::tick);
    }

    RelaySpec spec() {
        return new RelaySpec(
                ADDRESS, keys.publicKey(), Optional.of(URI.create("https://relay.example/")));
    }

    /// What a host sends over its stream, which loses nothing. The first message opens it.
    void receiveStream(SimulatedHost host, byte[] datagram) {
        if (!streams.contains(host)) {
            streams.add(host);
            openNanos.add(network.now() + STREAM_OPENS_NANOS);
        }
        streamed++;
        int number = streams.indexOf(host);
        InetSocketAddress from = StreamAddress.of(1_000 + number);
        long opens = Math.max(0, openNanos.get(number) - network.now());
        network.at(opens + STREAM_NANOS, () -> server.receive(datagram, from, network.now()));
    }

    /// Messages that came over streams.
    long streamed() {
        return streamed;
    }

    private void receive(byte[] datagram, InetSocketAddress from) {
        if (StunMessage.isStun(datagram)) {
            answer(datagram, from, ADDRESS, SECOND);
        } else {
            server.receive(datagram, from, network.now());
        }
    }

    /// Says at both ports how it sees the sender.
    private void answer(
            byte[] question,
            InetSocketAddress from,
            InetSocketAddress asked,
            InetSocketAddress other) {
        try {
            StunMessage.Success answer =
                    new StunMessage.Success(
                            StunMessage.parse(question).transaction(), from, Optional.of(other));
            network.send(null, answer.toBytes(), asked, from, SimulatedNetwork.HOPS_ANY);
        } catch (WireFormatException malformed) {
            throw new AssertionError("our own question is malformed", malformed);
        }
    }

    @Override
    public void sendWhole(byte[] datagram, InetSocketAddress to) {
        send(datagram, to);
    }

    @Override
    public void send(byte[] datagram, InetSocketAddress to) {
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
