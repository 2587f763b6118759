// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import java.util.Optional;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.network.GatewayOffer;

/// What an endpoint of ours tells another inside a WireGuard session: which transports it accepts.
///
/// Other implementations drop it, because its first byte is of no version of IP.
///
/// ```text
///  offset  size  field
///       0     1  mark      f0
///       1     2  magic     "SG"
///       3     1  version   1
///       4     1  accepts   bit 0 = fast frames with AES-256-GCM
///                          bit 1 = a LAN is behind the sender, bit 2 = it gives leases
///                          bit 3 = the sender passes packets on to the internet
///                          bit 4 = the sender is a relay
///                          others 0 when sent and ignored when read
///       5     1  heard     1 = yours has arrived
///       6     n  padding   zero, to 16 bytes
/// ```
///
/// Source: docs/protocol/fast-frames.md, section 2.
///
/// @param fastFrames whether the sender accepts fast frames
/// @param heard whether the sender has got the receiver's announcement in this session
/// @param offer what the sender does for the receiver
public record Announcement(boolean fastFrames, boolean heard, GatewayOffer offer) {
    /// Bytes of the message, padding included.
    public static final int LENGTH = 16;

    private static final int MARK_MAGIC_VERSION = 0xf053_4701;
    private static final int FAST_FRAMES = 1;

    /// Reads an announcement; empty if the packet is something else.
    public static Optional<Announcement> read(byte[] packet, int offset, int length) {
        if (length != LENGTH || Bytes.i32(packet, offset) != MARK_MAGIC_VERSION) {
            return Optional.empty();
        }
        return Optional.of(
                new Announcement(
                        (packet[offset + 4] & FAST_FRAMES) != 0,
                        packet[offset + 5] == 1,
                        GatewayOffer.of(packet[offset + 4])));
    }

    /// The message.
    public byte[] toBytes() {
        byte[] out = new byte[LENGTH];
        Bytes.put32(out, 0, MARK_MAGIC_VERSION);
        out[4] = (byte) ((fastFrames ? FAST_FRAMES : 0) | offer.bits());
        out[5] = (byte) (heard ? 1 : 0);
        return out;
    }
}
