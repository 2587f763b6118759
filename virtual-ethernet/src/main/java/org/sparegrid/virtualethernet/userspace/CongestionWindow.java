// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

/// How much may be in flight: slow start, congestion avoidance and fast recovery.
///
/// Source: RFC 5681; RFC 6582 for partial acknowledgments.
final class CongestionWindow {
    /// Duplicate acknowledgments that mean a loss.
    static final int DUPLICATES_FOR_LOSS = 3;

    /// Segments of the first window. Source: RFC 6928.
    private static final int INITIAL_SEGMENTS = 10;

    private static final int SEGMENTS_MIN = 2;

    private int segmentBytes;
    private int windowBytes;
    private int thresholdBytes = SendBuffer.CAPACITY_BYTES;
    private int duplicates;
    private boolean recovering;
    private int recoverSequence;

    CongestionWindow(int segmentBytes) {
        this.segmentBytes = segmentBytes;
        this.windowBytes = INITIAL_SEGMENTS * segmentBytes;
    }

    /// Starts over with another segment size, once the peer has told its own.
    void setSegmentBytes(int bytes) {
        segmentBytes = bytes;
        windowBytes = INITIAL_SEGMENTS * bytes;
    }

    int bytes() {
        return windowBytes;
    }

    /// New data was acknowledged.
    ///
    /// @return whether the segment at the acknowledged number is lost too
    boolean acknowledged(int count, int acknowledgment) {
        duplicates = 0;
        if (recovering) {
            if (acknowledgment - recoverSequence >= 0) {
                recovering = false;
                windowBytes = thresholdBytes;
                return false;
            }
            windowBytes = Math.max(windowBytes - count + segmentBytes, segmentBytes);
            return true;
        }
        int grown =
                windowBytes < thresholdBytes
                        ? Math.min(count, segmentBytes)
                        : (int) Math.max(1, (long) segmentBytes * segmentBytes / windowBytes);
        windowBytes = Math.min(windowBytes + grown, SendBuffer.CAPACITY_BYTES);
        return false;
    }

    /// The peer repeated itself.
    ///
    /// @return whether to send the first unacknowledged segment again
    boolean duplicated(int flightBytes, int sendNextMax) {
        duplicates++;
        if (recovering) {
            windowBytes = Math.min(windowBytes + segmentBytes, SendBuffer.CAPACITY_BYTES);
            return false;
        }
        if (duplicates < DUPLICATES_FOR_LOSS) {
            return false;
        }
        halve(flightBytes);
        recovering = true;
        recoverSequence = sendNextMax;
        windowBytes = thresholdBytes + DUPLICATES_FOR_LOSS * segmentBytes;
        return true;
    }

    /// Nothing was acknowledged in time.
    void timedOut(int flightBytes) {
        halve(flightBytes);
        windowBytes = segmentBytes;
        duplicates = 0;
        recovering = false;
    }

    private void halve(int flightBytes) {
        thresholdBytes = Math.max(flightBytes / 2, SEGMENTS_MIN * segmentBytes);
    }
}
