// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.path.NetworkPaths;

/// Performs what the paths of one attachment decide.
///
/// @param ethernet whose ports carry it
/// @param appeared takes peers to which a way has appeared
record Ways(VirtualEthernet ethernet, Consumer<PublicKey> appeared) implements NetworkPaths.Outlet {
    @Override
    public void transmit(byte[] datagram, InetSocketAddress to) {
        // A probe that the network refuses is as one that is lost.
        boolean _ = ethernet.send(datagram, to);
    }

    @Override
    public void transmitNear(byte[] datagram, InetSocketAddress to) {
        boolean _ = ethernet.sendNear(datagram, to);
    }

    @Override
    public boolean fan(byte[] datagram, List<InetSocketAddress> targets, int ports) {
        return ethernet.fan(datagram, targets, ports);
    }

    @Override
    public void reachable(PublicKey peer) {
        appeared.accept(peer);
    }
}
