// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.path.Fan;
import org.sparegrid.virtualethernet.path.NetworkPaths;
import org.sparegrid.virtualethernet.session.WireGuardIdentity;

/// Performs what the paths of one attachment decide.
///
/// @param line that carries it
/// @param clock of the attachment
/// @param identity whose handshakes wait for paths
/// @param carried takes what the paths carry
record Ways(Line line, SteadyClock clock, Supplier<WireGuardIdentity> identity, Carried carried)
        implements NetworkPaths.Outlet {
    @Override
    public void transmit(byte[] datagram, InetSocketAddress to) {
        // A probe that the network refuses is as one that is lost.
        boolean _ = line.send(datagram, to);
    }

    @Override
    public boolean ask(byte[] datagram, InetSocketAddress relay) {
        return line.ask(datagram, relay);
    }

    @Override
    public void transmitWhole(byte[] datagram, InetSocketAddress to) {
        boolean _ = line.sendWhole(datagram, to);
    }

    @Override
    public void carries(PublicKey peer, int datagramBytes) {
        carried.found(peer, datagramBytes);
    }

    @Override
    public void transmitNear(byte[] datagram, InetSocketAddress to) {
        boolean _ = line.sendNear(datagram, to);
    }

    @Override
    public Optional<Fan> fan(byte[] datagram, List<InetSocketAddress> targets, int ports) {
        return line.fan(datagram, targets, ports);
    }

    @Override
    public void alive(PublicKey peer) {
        identity.get().alive(peer, clock.nowNanos());
    }

    @Override
    public void reachable(PublicKey peer) {
        identity.get().hurry(peer, clock.nowNanos());
    }
}
