// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.session.FrameSource;
import org.sparegrid.virtualethernet.session.WireGuardIdentity;
import org.sparegrid.virtualethernet.wire.FastFrame;
import org.sparegrid.virtualethernet.wire.TransportData;
import org.sparegrid.virtualethernet.wire.Vxlan;

/// Frames on their way to one peer: in VXLAN for WireGuard, by themselves as fast frames.
///
/// One object is used for all frames of an attachment, under its lock.
final class Encapsulation implements FrameSource {
    private SuperFrame frame = new SuperFrame();
    private int source;
    private int destination;
    private int vni;

    /// The longest packet on the Ethernet whose frame fits into a datagram of so many bytes.
    ///
    /// @param fast whether it is sent as a fast frame
    static int mtu(int datagramBytes, boolean fast) {
        int around =
                fast
                        ? FastFrame.HINT_LENGTH
                                + TransportData.HEADER_LENGTH
                                + TransportData.TAG_LENGTH
                        : Vxlan.OVERHEAD;
        int room = fast ? datagramBytes : WireGuardIdentity.packetMax(datagramBytes);
        return room - around - EthernetFrame.HEADER_LENGTH;
    }

    /// Bytes of the longest datagram on an Ethernet of that MTU.
    static int datagramBytes(int mtu) {
        return WireGuardIdentity.datagramBytes(Vxlan.OVERHEAD + EthernetFrame.HEADER_LENGTH + mtu);
    }

    /// Becomes the frames that `sent` stands for.
    ///
    /// @param sourceVtep address of our VTEP
    /// @param destinationVtep address of the peer's VTEP
    Encapsulation set(SuperFrame sent, int sourceVtep, int destinationVtep, int network) {
        frame = sent;
        source = sourceVtep;
        destination = destinationVtep;
        vni = network;
        return this;
    }

    @Override
    public int count() {
        return frame.count();
    }

    @Override
    public int longestPacket() {
        return Vxlan.OVERHEAD + frame.longest();
    }

    @Override
    public int writePacket(int index, byte[] out, int at) {
        int length = frame.write(index, out, at + Vxlan.OVERHEAD, true);
        Vxlan.writeHeaders(out, at, source, destination, vni, length);
        return Vxlan.OVERHEAD + length;
    }

    @Override
    public int writeFastFrame(int index, byte[] out, int at) {
        FastFrame.writeHint(out, at, frame.checksumStart(), frame.checksumField());
        return FastFrame.HINT_LENGTH + frame.write(index, out, at + FastFrame.HINT_LENGTH, false);
    }
}
