// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Performs what the WireGuard state machines decide.
public interface Outlet {
    /// Sends one UDP datagram, which is the outlet's from now on.
    void transmit(byte[] datagram, InetSocketAddress to);

    /// Takes a packet that `peer` sealed, with its padding.
    void deliver(PublicKey peer, byte[] packet);

    /// A packet went no further.
    void dropped(DropReason reason);
}
