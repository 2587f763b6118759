// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.probe.Probe;

/// Seals and sends what a path decides.
interface ProbeOutlet {
    /// Sends a probe that any number of routers may pass on.
    void send(Probe probe, InetSocketAddress to);

    /// Sends a probe that opens our NAT and dies before the peer's.
    void open(Probe probe, InetSocketAddress to);

    /// Opens so many further ports and sends the probe from each to these addresses, so that it
    /// opens our NAT and dies before the peer's; empty if that cannot be now.
    Optional<Fan> fan(Probe probe, List<InetSocketAddress> to, int ports);
}
