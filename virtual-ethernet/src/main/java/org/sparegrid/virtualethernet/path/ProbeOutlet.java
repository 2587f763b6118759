// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import org.sparegrid.virtualethernet.probe.Probe;

/// Seals and sends what a path decides.
interface ProbeOutlet {
    /// Sends a probe that any number of routers may pass on.
    void send(Probe probe, InetSocketAddress to);

    /// Sends a probe that opens our NAT and dies before the peer's.
    void open(Probe probe, InetSocketAddress to);
}
