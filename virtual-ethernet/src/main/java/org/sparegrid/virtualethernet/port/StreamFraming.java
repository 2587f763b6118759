// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.nio.ByteBuffer;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.SuperFrame;

/// Cuts the byte stream of a QEMU stream device into frames.
///
/// ```text
///  offset  size  field
///       0     4  length   of the frame, big-endian, at most 65,550
///       4     n  frame
/// ```
///
/// Source: QEMU, net/stream.c and `net_fill_rstate`.
final class StreamFraming {
    /// The longest frame; QEMU itself has no longer ones.
    static final int FRAME_MAX = 65_550;

    /// Bytes before each frame.
    static final int HEADER_LENGTH = 4;

    private final SuperFrame frame = new SuperFrame();
    private final ByteBuffer buffer = ByteBuffer.allocate(2 * (FRAME_MAX + HEADER_LENGTH));

    /// Where received bytes go; call [#deliver] after adding some.
    ByteBuffer buffer() {
        return buffer;
    }

    /// Gives every complete frame to `sink`.
    ///
    /// @return false if the stream is not of this format and must be closed
    boolean deliver(FramePort.Sink sink) {
        buffer.flip();
        while (buffer.remaining() >= HEADER_LENGTH) {
            int length = buffer.getInt(buffer.position());
            if (length < 0 || length > FRAME_MAX) {
                return false;
            }
            if (buffer.remaining() < HEADER_LENGTH + length) {
                break;
            }
            int start = buffer.position() + HEADER_LENGTH;
            try {
                sink.add(frame.set(buffer.array(), start, length));
            } catch (FrameFormatException malformed) {
                // The receiver counts it.
                sink.accept(buffer.slice(start, length));
            }
            buffer.position(start + length);
        }
        sink.flush();
        buffer.compact();
        return true;
    }
}
