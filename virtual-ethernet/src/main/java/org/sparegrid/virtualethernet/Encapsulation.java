// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.session.FrameSource;
import org.sparegrid.virtualethernet.wire.FastFrame;
import org.sparegrid.virtualethernet.wire.Vxlan;

/// Frames on their way to one peer: in VXLAN for WireGuard, by themselves as fast frames.
///
/// One object is used for all frames of an attachment, under its lock.
final class Encapsulation implements FrameSource {
    private SuperFrame frame = new SuperFrame();
    private int source;
    private int destination;
    private int vni;

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
