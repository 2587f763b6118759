// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.sparegrid.virtualethernet.capture.DatagramTap;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.path.Fan;

/// The ports of the process as one attachment uses them, where what passes can be looked at.
final class Line {
    private final VirtualEthernet ethernet;
    private final DatagramTap tap = new DatagramTap();

    Line(VirtualEthernet ethernet) {
        this.ethernet = ethernet;
    }

    DatagramTap tap() {
        return tap;
    }

    /// For datagrams that are made together and sent over this line.
    Burst newBurst(Meter meter) {
        return new Burst(this::send, () -> meter.dropped(DropReason.PORT_FULL));
    }

    boolean send(byte[] datagram, InetSocketAddress to) {
        see(true, datagram, to);
        return ethernet.send(datagram, to);
    }

    int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to) {
        see(true, bytes, offset, length, segmentBytes, to);
        return ethernet.send(bytes, offset, length, segmentBytes, to);
    }

    boolean sendWhole(byte[] datagram, InetSocketAddress to) {
        see(true, datagram, to);
        return ethernet.sendWhole(datagram, to);
    }

    boolean sendNear(byte[] datagram, InetSocketAddress to) {
        see(true, datagram, to);
        return ethernet.sendNear(datagram, to);
    }

    /// Asks a relay for its service; that is between it and the process.
    boolean ask(byte[] datagram, InetSocketAddress relay) {
        return ethernet.send(datagram, relay);
    }

    /// Opens further ports; what leaves them for a guess is not looked at.
    Optional<Fan> fan(byte[] datagram, List<InetSocketAddress> targets, int ports) {
        return ethernet.fan(datagram, targets, ports);
    }

    /// Datagrams for the attachment came, all of `segmentBytes`, the last one maybe shorter.
    void received(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress from) {
        see(false, bytes, offset, length, segmentBytes, from);
    }

    /// A datagram for the attachment came.
    void received(byte[] datagram, InetSocketAddress from) {
        see(false, datagram, from);
    }

    private void see(boolean outbound, byte[] datagram, InetSocketAddress far) {
        see(outbound, datagram, 0, datagram.length, datagram.length, far);
    }

    private void see(
            boolean outbound,
            byte[] bytes,
            int offset,
            int length,
            int segmentBytes,
            InetSocketAddress far) {
        if (tap.isWatched()) {
            ethernet.physical(far)
                    .ifPresent(seen ->
                            tap.see(
                                    outbound,
                                    bytes,
                                    offset,
                                    length,
                                    segmentBytes,
                                    seen,
                                    ethernet.port()));
        }
    }
}
