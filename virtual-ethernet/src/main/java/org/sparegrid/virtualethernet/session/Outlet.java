// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Performs what the WireGuard state machines decide.
public interface Outlet {
    /// Sends one UDP datagram, which is the outlet's from now on.
    void transmit(byte[] datagram, InetSocketAddress to);

    /// Where datagrams with data are made; what is made there is sent.
    DatagramRoom room();

    /// Takes a packet of `length` bytes at `offset` that `peer` sealed, with its padding. The array
    /// may be changed, and is the caller's again afterwards.
    void deliver(PublicKey peer, byte[] bytes, int offset, int length);

    /// Takes hint and frame of `length` bytes at `offset` that `peer` sealed as a fast frame. The
    /// array may be changed, and is the caller's again afterwards.
    void deliverFast(PublicKey peer, byte[] bytes, int offset, int length);

    /// A peer has said what it does for others.
    default void offered(PublicKey peer, GatewayOffer offer) {}

    /// A packet went no further.
    void dropped(DropReason reason);
}
