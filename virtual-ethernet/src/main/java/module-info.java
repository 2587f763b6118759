// SPDX-License-Identifier: Apache-2.0
import org.jspecify.annotations.NullMarked;

/// The virtual Ethernet: machines in different places share one Ethernet over WireGuard.
///
/// Start at [org.sparegrid.virtualethernet.VirtualEthernet].
@NullMarked
module org.sparegrid.virtualethernet {
    requires java.net.http;
    requires jdk.net;
    requires java.xml;
    requires org.bouncycastle.provider;
    requires static org.jspecify;

    exports org.sparegrid.virtualethernet;
    exports org.sparegrid.virtualethernet.check;
    exports org.sparegrid.virtualethernet.capture;
    exports org.sparegrid.virtualethernet.frame;
    exports org.sparegrid.virtualethernet.gateway;
    exports org.sparegrid.virtualethernet.meter;
    exports org.sparegrid.virtualethernet.network;
    exports org.sparegrid.virtualethernet.port;
    exports org.sparegrid.virtualethernet.portmapping;
    exports org.sparegrid.virtualethernet.report;
    exports org.sparegrid.virtualethernet.system;
    exports org.sparegrid.virtualethernet.userspace;
}
