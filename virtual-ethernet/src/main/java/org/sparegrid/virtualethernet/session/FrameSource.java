// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

/// Frames for one peer, each written where its datagram is made.
public interface FrameSource {
    /// How many there are.
    int count();

    /// The longest of them as a packet of WireGuard.
    int longestPacket();

    /// Writes frame `index` as a packet of WireGuard.
    ///
    /// @return its length
    int writePacket(int index, byte[] out, int at);

    /// Writes frame `index` as a fast frame: hint and frame.
    ///
    /// @return its length
    int writeFastFrame(int index, byte[] out, int at);
}
