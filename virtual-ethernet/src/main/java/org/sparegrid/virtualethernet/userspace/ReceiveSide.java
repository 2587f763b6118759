// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

/// What a connection has received: the variables RCV of RFC 9293, section 3.3.1.
final class ReceiveSide {
    private final ReceiveBuffer buffer = new ReceiveBuffer();
    private int next;
    private int windowEdge;
    private boolean finKnown;
    private int finSequence;
    private boolean finished;

    /// The peer's first byte will have this number.
    void begin(int firstSequence) {
        next = firstSequence;
        windowEdge = next + windowBytes();
    }

    int next() {
        return next;
    }

    int availableBytes() {
        return buffer.length();
    }

    /// Whether the peer has closed its side and nothing before that is missing.
    boolean isFinished() {
        return finished;
    }

    boolean isAtEnd() {
        return finished && buffer.length() == 0;
    }

    int read(byte[] into, int offset, int count) {
        return buffer.read(into, offset, count);
    }

    int windowBytes() {
        return buffer.free();
    }

    /// Whether the segment touches the window. Source: RFC 9293, section 3.10.7.4.
    ///
    /// Unlike there, an acknowledgment may stand right behind the window: so it does if the whole
    /// window was sent and its beginning was lost, and refusing it would stall the other direction.
    boolean isAcceptable(TcpSegment segment) {
        int offset = segment.sequence() - next;
        int window = buffer.free();
        int length = segment.sequenceLength();
        if (length == 0) {
            return offset >= 0 && offset <= window;
        }
        if (window == 0) {
            return offset == 0; // its acknowledgment counts, its data does not fit
        }
        int last = offset + length - 1;
        return (offset >= 0 && offset < window) || (last >= 0 && last < window);
    }

    /// Keeps what is new and fits.
    ///
    /// @return false if bytes before it are missing
    boolean take(TcpSegment segment) {
        if (finished) {
            return true;
        }
        int offset = segment.sequence() - next;
        if (segment.has(TcpSegment.FIN) && !finKnown) {
            finKnown = true;
            finSequence = segment.sequence() + segment.payload().length;
        }
        int skipped = Math.max(0, -offset);
        int from = Math.max(0, offset);
        int room = finKnown ? Math.min(buffer.free(), finSequence - next) : buffer.free();
        int count = Math.min(segment.payload().length - skipped, room - from);
        if (count > 0) {
            next += buffer.accept(from, segment.payload(), skipped, count);
        }
        if (finKnown && next == finSequence) {
            next++;
            finished = true;
        }
        return finished || (offset <= 0 && !buffer.hasGap());
    }

    /// The window to tell the peer; its right edge moves in steps worth a segment or more.
    int advertise(int segmentBytes) {
        if (windowHasGrown(segmentBytes)) {
            windowEdge = next + buffer.free();
        }
        return Math.max(0, windowEdge - next);
    }

    /// Whether the peer should hear of a larger window. Source: RFC 9293, section 3.8.6.2.2.
    boolean windowHasGrown(int segmentBytes) {
        int growth = next + buffer.free() - windowEdge;
        return growth >= Math.min(2 * segmentBytes, ReceiveBuffer.CAPACITY_BYTES / 2);
    }
}
