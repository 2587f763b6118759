// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

/// What a connection sends: the variables SND of RFC 9293, section 3.3.1, and when to send again.
final class SendSide {
    /// What goes into one segment.
    ///
    /// @param sequence number of the first byte
    /// @param bytes the data, the piece's own
    /// @param fin whether nothing follows
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Piece(int sequence, byte[] bytes, boolean fin) {
        /// There is nothing to send now.
        static final Piece NOTHING = new Piece(0, new byte[0], false);

        boolean isNothing() {
            return bytes.length == 0 && !fin;
        }
    }

    private static final long NOT_TIMED = Long.MIN_VALUE;

    private final SendBuffer buffer = new SendBuffer();
    private final CongestionWindow congestion;
    private final RetransmissionTimeout timeout = new RetransmissionTimeout();
    private final int initialSequence;
    private int segmentBytes;
    private int unacknowledged;
    private int next;
    private int nextMax;
    private int dataStart;
    private int window;
    private int windowSequence;
    private int windowAcknowledgment;
    private int peerShift;
    private boolean outputClosed;
    private boolean finSent;
    private boolean firstIsLost;
    private boolean probing;
    private boolean probeDue;
    private int retries;
    private int timedSequence;
    private long timedSentNanos = NOT_TIMED;
    private long deadlineNanos = TcpMachine.NEVER;

    SendSide(int initialSequence, int segmentBytes) {
        this.initialSequence = initialSequence;
        this.segmentBytes = segmentBytes;
        this.congestion = new CongestionWindow(segmentBytes);
        this.unacknowledged = initialSequence;
        this.next = initialSequence;
        this.nextMax = initialSequence;
        this.dataStart = initialSequence + 1;
    }

    int initialSequence() {
        return initialSequence;
    }

    /// One more than the highest number sent.
    int nextMax() {
        return nextMax;
    }

    int bufferedBytes() {
        return buffer.length();
    }

    int retries() {
        return retries;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    void setSegmentBytes(int bytes) {
        segmentBytes = bytes;
        congestion.setSegmentBytes(bytes);
    }

    void setPeerShift(int shift) {
        peerShift = shift;
    }

    int write(byte[] bytes, int offset, int count) {
        return outputClosed ? 0 : buffer.write(bytes, offset, count);
    }

    void closeOutput() {
        outputClosed = true;
    }

    void synSent(long nowNanos) {
        next = initialSequence + 1;
        nextMax = next;
        timedSequence = next;
        timedSentNanos = retries == 0 ? nowNanos : NOT_TIMED;
        deadlineNanos = nowNanos + timeout.nanos();
    }

    void restartSyn() {
        timeout.backOff();
        retries++;
    }

    boolean isSynAcknowledgedBy(int acknowledgment) {
        return acknowledgment == initialSequence + 1 && nextMax == acknowledgment;
    }

    boolean isFinAcknowledged() {
        return finSent && buffer.length() == 0 && unacknowledged == dataStart + 1;
    }

    /// Whether this number was ever sent.
    boolean mayAcknowledge(int acknowledgment) {
        return acknowledgment - nextMax <= 0;
    }

    /// Whether to ask now, once, if the window is still closed.
    boolean takeProbeDue() {
        boolean due = probeDue;
        probeDue = false;
        return due;
    }

    /// An acknowledged number. A segment that carries it is always answered and never takes room,
    /// so that probes that cross each other leave both sides in agreement.
    int probeSequence() {
        return unacknowledged - 1;
    }

    /// Takes the acknowledgment of an acceptable segment.
    void acknowledge(TcpSegment segment, long nowNanos) {
        int acknowledgment = segment.acknowledgment();
        int count = acknowledgment - unacknowledged;
        if (count > 0) {
            advance(acknowledgment, count, nowNanos);
        } else if (count == 0) {
            if (probing) {
                retries = 0;
            } else if (isDuplicate(segment)
                    && congestion.duplicated(nextMax - unacknowledged, nextMax)) {
                firstIsLost = true;
                timedSentNanos = NOT_TIMED;
            }
        }
    }

    private void advance(int acknowledgment, int count, long nowNanos) {
        unacknowledged = acknowledgment;
        next = next - acknowledgment < 0 ? acknowledgment : next;
        int bytes = Math.clamp(acknowledgment - dataStart, 0, buffer.length());
        buffer.drop(bytes);
        dataStart += bytes;
        retries = 0;
        timeout.progressed();
        if (timedSentNanos != NOT_TIMED && acknowledgment - timedSequence >= 0) {
            timeout.measured(nowNanos - timedSentNanos);
            timedSentNanos = NOT_TIMED;
        }
        firstIsLost = congestion.acknowledged(count, acknowledgment);
        deadlineNanos = unacknowledged == nextMax ? TcpMachine.NEVER : nowNanos + timeout.nanos();
    }

    /// Source: RFC 5681, section 2.
    private boolean isDuplicate(TcpSegment segment) {
        return unacknowledged != nextMax
                && segment.sequenceLength() == 0
                && segment.window() << peerShift == window;
    }

    /// Takes the window of a SYN, which is never scaled.
    void beginWindow(TcpSegment syn) {
        window = syn.window();
        windowSequence = syn.sequence();
        windowAcknowledgment = syn.has(TcpSegment.ACK) ? syn.acknowledgment() : initialSequence;
    }

    /// Takes the window unless the segment is older than the last one used.
    void updateWindow(TcpSegment segment) {
        int newer = segment.sequence() - windowSequence;
        if (newer < 0 || (newer == 0 && segment.acknowledgment() - windowAcknowledgment < 0)) {
            return;
        }
        window = segment.window() << peerShift;
        windowSequence = segment.sequence();
        windowAcknowledgment = segment.acknowledgment();
        if (probing && window > 0) {
            probing = false;
            probeDue = false;
            timeout.progressed();
            if (unacknowledged == nextMax) {
                deadlineNanos = TcpMachine.NEVER;
            }
        }
    }

    /// Nothing was acknowledged in time: sends all again, or asks whether the window is open.
    void timedOut(long nowNanos) {
        timeout.backOff();
        retries++;
        firstIsLost = false;
        timedSentNanos = NOT_TIMED;
        deadlineNanos = nowNanos + timeout.nanos();
        if (window == 0 && buffer.length() > 0) {
            probing = true;
            probeDue = nextMax == unacknowledged;
            firstIsLost = !probeDue;
        } else {
            congestion.timedOut(nextMax - unacknowledged);
        }
        next = unacknowledged;
    }

    /// What to send next, or [Piece#NOTHING]; it counts as sent.
    Piece nextPiece(long nowNanos) {
        if (firstIsLost) {
            firstIsLost = false;
            return again(nowNanos);
        }
        int available = dataStart + buffer.length() - next;
        if (available == 0 && outputClosed) {
            return sent(0, true, nowNanos);
        }
        int usable = unacknowledged + Math.min(window, congestion.bytes()) - next;
        int count = Math.min(Math.min(available, usable), segmentBytes);
        if (count <= 0) {
            beginProbing(available, nowNanos);
            return Piece.NOTHING;
        }
        if (count < segmentBytes && count < available && next != unacknowledged) {
            return Piece.NOTHING; // RFC 9293, section 3.8.6.2.1
        }
        return sent(count, outputClosed && count == available, nowNanos);
    }

    private void beginProbing(int available, long nowNanos) {
        if (available > 0 && window == 0 && deadlineNanos == TcpMachine.NEVER) {
            probing = true;
            deadlineNanos = nowNanos + timeout.nanos();
        }
    }

    private Piece again(long nowNanos) {
        deadlineNanos = nowNanos + timeout.nanos();
        timedSentNanos = NOT_TIMED;
        int inFlight = nextMax - unacknowledged;
        int count = Math.min(Math.min(segmentBytes, inFlight), buffer.length());
        return new Piece(unacknowledged, buffer.copy(0, count), count == 0 && finSent);
    }

    private Piece sent(int count, boolean fin, long nowNanos) {
        Piece piece = new Piece(next, buffer.copy(next - dataStart, count), fin);
        boolean isNew = next == nextMax;
        next += count + (fin ? 1 : 0);
        finSent |= fin;
        if (next - nextMax > 0) {
            nextMax = next;
        }
        if (isNew && timedSentNanos == NOT_TIMED) {
            timedSequence = next;
            timedSentNanos = nowNanos;
        }
        if (deadlineNanos == TcpMachine.NEVER) {
            deadlineNanos = nowNanos + timeout.nanos();
        }
        return piece;
    }
}
