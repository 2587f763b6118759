// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.util.ArrayList;
import java.util.List;

/// One TCP connection as a state machine: segments, calls and time go in, segments come out.
///
/// It has no thread and no clock; its owner calls one method at a time, then sends what
/// [#takeSegments] gives and calls [#tick] at [#deadlineNanos].
///
/// Source: RFC 9293, sections 3.3.2 and 3.10.
final class TcpMachine {
    /// The states of RFC 9293; LISTEN is missing, since hosts here do not wait for connections.
    enum State {
        SYN_SENT,
        SYN_RECEIVED,
        ESTABLISHED,
        FIN_WAIT_1,
        FIN_WAIT_2,
        CLOSE_WAIT,
        CLOSING,
        LAST_ACK,
        TIME_WAIT,
        CLOSED
    }

    /// Why the connection ended otherwise than in order.
    enum Failure {
        NONE,
        REFUSED,
        RESET,
        TIMED_OUT,
        ABORTED
    }

    /// The smallest segment size taken from a peer, so that headers do not outweigh the data.
    static final int MSS_MIN = 88;

    /// What a peer takes that says nothing. Source: RFC 9293, section 3.7.1.
    static final int MSS_DEFAULT = 536;

    /// Times that nothing new is acknowledged in a row before giving up: about five minutes.
    static final int RETRIES_MAX = 12;

    /// How long late segments may arrive after the end: twice half a minute.
    static final long TIME_WAIT_NANOS = 60_000_000_000L;

    /// Our window scale: 256 KiB and more with 16 bits.
    static final int WINDOW_SHIFT = 3;

    /// [#deadlineNanos] when nothing is due.
    static final long NEVER = Long.MAX_VALUE;

    private static final int WINDOW_FIELD_MAX = 65_535;

    private final int localPort;
    private final int remotePort;
    private final int localMss;
    private final SendSide send;
    private final ReceiveSide receive = new ReceiveSide();
    private final List<TcpSegment> out = new ArrayList<>();
    private State state = State.CLOSED;
    private Failure failure = Failure.NONE;
    private boolean scaling = true;
    private boolean acknowledgmentDue;
    private boolean synDue;
    private long timeWaitEndNanos = NEVER;

    private TcpMachine(int localPort, int remotePort, int localMss, int initialSequence) {
        this.localPort = localPort;
        this.remotePort = remotePort;
        this.localMss = localMss;
        this.send = new SendSide(initialSequence, localMss);
    }

    /// A connection that is being opened from here.
    static TcpMachine connecting(int localPort, int remotePort, int localMss, int sequence) {
        TcpMachine machine = new TcpMachine(localPort, remotePort, localMss, sequence);
        machine.state = State.SYN_SENT;
        machine.synDue = true;
        return machine;
    }

    /// A connection that the sender of `syn` opens.
    static TcpMachine accepting(TcpSegment syn, int localMss, int sequence) {
        TcpMachine machine =
                new TcpMachine(syn.destinationPort(), syn.sourcePort(), localMss, sequence);
        machine.takeSyn(syn);
        machine.send.beginWindow(syn);
        machine.state = State.SYN_RECEIVED;
        machine.synDue = true;
        return machine;
    }

    State state() {
        return state;
    }

    Failure failure() {
        return failure;
    }

    int localPort() {
        return localPort;
    }

    int remotePort() {
        return remotePort;
    }

    /// Whether data can pass, or could until the connection ended.
    boolean isOpening() {
        return state == State.SYN_SENT || state == State.SYN_RECEIVED;
    }

    /// Adds what fits into the send buffer.
    int write(byte[] bytes, int offset, int count) {
        return send.write(bytes, offset, count);
    }

    /// Bytes that wait to be sent or acknowledged.
    int unacknowledgedBytes() {
        return send.bufferedBytes();
    }

    /// No more bytes will be written.
    void closeOutput() {
        send.closeOutput();
    }

    /// Bytes that can be read now.
    int availableBytes() {
        return receive.availableBytes();
    }

    /// Whether everything the peer sent was read and no more follows.
    boolean isAtEnd() {
        return receive.isAtEnd();
    }

    /// Moves received bytes out; an update of the window follows when it has grown enough.
    int read(byte[] into, int offset, int count) {
        int taken = receive.read(into, offset, count);
        if (receive.windowHasGrown(localMss) && receivesData()) {
            acknowledgmentDue = true;
        }
        return taken;
    }

    /// Whether the peer waits for an acknowledgment that [#takeSegments] would give.
    boolean isAcknowledgmentDue() {
        return acknowledgmentDue;
    }

    private boolean receivesData() {
        return state == State.ESTABLISHED || state == State.FIN_WAIT_1 || state == State.FIN_WAIT_2;
    }

    /// Ends the connection with a reset.
    void abort() {
        if (state != State.CLOSED && state != State.SYN_SENT && state != State.TIME_WAIT) {
            emit(TcpSegment.RST | TcpSegment.ACK, send.nextMax(), new byte[0]);
        }
        fail(Failure.ABORTED);
    }

    private void fail(Failure reason) {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            failure = reason;
        }
    }

    /// Takes a segment of the peer.
    void receive(TcpSegment segment, long nowNanos) {
        switch (state) {
            case CLOSED -> {}
            case SYN_SENT -> receiveWhileConnecting(segment, nowNanos);
            default -> receiveSynchronized(segment, nowNanos);
        }
    }

    private void receiveWhileConnecting(TcpSegment segment, long nowNanos) {
        boolean acknowledges = segment.has(TcpSegment.ACK);
        if (acknowledges && !send.isSynAcknowledgedBy(segment.acknowledgment())) {
            if (!segment.has(TcpSegment.RST)) {
                emit(TcpSegment.RST, segment.acknowledgment(), new byte[0]);
            }
            return;
        }
        if (segment.has(TcpSegment.RST)) {
            if (acknowledges) {
                fail(Failure.REFUSED);
            }
            return;
        }
        if (!segment.has(TcpSegment.SYN)) {
            return;
        }
        takeSyn(segment);
        if (acknowledges) {
            send.acknowledge(segment, nowNanos);
            send.beginWindow(segment);
            state = State.ESTABLISHED;
            acknowledgmentDue = true;
        } else {
            send.beginWindow(segment);
            state = State.SYN_RECEIVED;
            synDue = true;
        }
    }

    private void takeSyn(TcpSegment syn) {
        receive.begin(syn.sequence() + 1);
        scaling = syn.windowShift() >= 0;
        send.setPeerShift(Math.max(0, syn.windowShift()));
        int peerMss = syn.mss() == 0 ? MSS_DEFAULT : syn.mss();
        send.setSegmentBytes(Math.min(Math.max(peerMss, MSS_MIN), localMss));
    }

    private void receiveSynchronized(TcpSegment segment, long nowNanos) {
        if (!receive.isAcceptable(segment)) {
            acknowledgmentDue |= !segment.has(TcpSegment.RST);
            if (state == State.TIME_WAIT && segment.has(TcpSegment.FIN)) {
                timeWaitEndNanos = nowNanos + TIME_WAIT_NANOS;
            }
            synDue |= state == State.SYN_RECEIVED && segment.has(TcpSegment.SYN);
            return;
        }
        if (segment.has(TcpSegment.RST)) {
            takeReset(segment);
            return;
        }
        if (segment.has(TcpSegment.SYN)) {
            acknowledgmentDue = true; // RFC 5961, section 4.2
            return;
        }
        if (!segment.has(TcpSegment.ACK) || !takeAcknowledgment(segment, nowNanos)) {
            return;
        }
        if (segment.sequenceLength() > 0) {
            takeData(segment, nowNanos);
        }
    }

    /// Only the exact number resets; others get the chance to confirm. Source: RFC 5961.
    private void takeReset(TcpSegment segment) {
        if (segment.sequence() != receive.next()) {
            acknowledgmentDue = true;
        } else {
            fail(state == State.SYN_RECEIVED ? Failure.REFUSED : Failure.RESET);
        }
    }

    /// Whether the rest of the segment is to be looked at.
    private boolean takeAcknowledgment(TcpSegment segment, long nowNanos) {
        if (state == State.SYN_RECEIVED) {
            if (!send.isSynAcknowledgedBy(segment.acknowledgment())) {
                emit(TcpSegment.RST, segment.acknowledgment(), new byte[0]);
                return false;
            }
            state = State.ESTABLISHED;
        }
        if (!send.mayAcknowledge(segment.acknowledgment())) {
            acknowledgmentDue = true;
            return false;
        }
        send.acknowledge(segment, nowNanos);
        send.updateWindow(segment);
        if (send.isFinAcknowledged()) {
            state = afterFinAcknowledged(nowNanos);
        }
        return state != State.CLOSED;
    }

    private State afterFinAcknowledged(long nowNanos) {
        return switch (state) {
            case FIN_WAIT_1 -> State.FIN_WAIT_2;
            case CLOSING -> startTimeWait(nowNanos);
            case LAST_ACK -> State.CLOSED;
            default -> state;
        };
    }

    private State startTimeWait(long nowNanos) {
        timeWaitEndNanos = nowNanos + TIME_WAIT_NANOS;
        return State.TIME_WAIT;
    }

    private void takeData(TcpSegment segment, long nowNanos) {
        acknowledgmentDue = true;
        boolean inOrder = receive.take(segment);
        if (!inOrder) {
            emitAcknowledgment(); // one for each, since the peer counts them
        }
        if (receive.isFinished()) {
            state =
                    switch (state) {
                        case ESTABLISHED -> State.CLOSE_WAIT;
                        case FIN_WAIT_1 -> State.CLOSING;
                        case FIN_WAIT_2 -> startTimeWait(nowNanos);
                        default -> state;
                    };
        }
    }

    /// When [#tick] has something to do, or [#NEVER].
    long deadlineNanos() {
        return switch (state) {
            case CLOSED -> NEVER;
            case TIME_WAIT -> timeWaitEndNanos;
            default -> send.deadlineNanos();
        };
    }

    /// Does what is due.
    void tick(long nowNanos) {
        if (nowNanos < deadlineNanos()) {
            return;
        }
        if (state == State.TIME_WAIT) {
            state = State.CLOSED;
        } else if (send.retries() >= RETRIES_MAX) {
            emit(TcpSegment.RST | TcpSegment.ACK, send.nextMax(), new byte[0]);
            fail(Failure.TIMED_OUT);
        } else if (isOpening()) {
            send.restartSyn();
            synDue = true;
        } else {
            send.timedOut(nowNanos);
        }
    }

    /// The segments to send now, in order; each is given once.
    List<TcpSegment> takeSegments(long nowNanos) {
        if (synDue && isOpening()) {
            emitSyn(nowNanos);
        }
        if (!isOpening() && state != State.CLOSED && state != State.TIME_WAIT) {
            emitData(nowNanos);
        }
        if (acknowledgmentDue && state != State.SYN_SENT && state != State.CLOSED) {
            emitAcknowledgment();
        }
        List<TcpSegment> taken = List.copyOf(out);
        out.clear();
        return taken;
    }

    private void emitSyn(long nowNanos) {
        synDue = false;
        acknowledgmentDue = false;
        boolean answer = state == State.SYN_RECEIVED;
        out.add(
                new TcpSegment(
                        localPort,
                        remotePort,
                        send.initialSequence(),
                        answer ? receive.next() : 0,
                        answer ? TcpSegment.SYN | TcpSegment.ACK : TcpSegment.SYN,
                        Math.min(receive.windowBytes(), WINDOW_FIELD_MAX),
                        localMss,
                        answer && !scaling ? -1 : WINDOW_SHIFT,
                        new byte[0]));
        send.synSent(nowNanos);
    }

    private void emitData(long nowNanos) {
        if (send.takeProbeDue()) {
            emit(TcpSegment.ACK, send.probeSequence(), new byte[0]);
        }
        for (SendSide.Piece piece = send.nextPiece(nowNanos);
                !piece.isNothing();
                piece = send.nextPiece(nowNanos)) {
            int flags = TcpSegment.ACK;
            if (piece.fin()) {
                flags |= TcpSegment.FIN;
                state =
                        switch (state) {
                            case ESTABLISHED -> State.FIN_WAIT_1;
                            case CLOSE_WAIT -> State.LAST_ACK;
                            default -> state;
                        };
            }
            if (piece.bytes().length > 0) {
                flags |= TcpSegment.PSH;
            }
            emit(flags, piece.sequence(), piece.bytes());
            acknowledgmentDue = false;
        }
    }

    private void emitAcknowledgment() {
        emit(TcpSegment.ACK, send.nextMax(), new byte[0]);
        acknowledgmentDue = false;
    }

    private void emit(int flags, int sequence, byte[] payload) {
        boolean acknowledges = (flags & TcpSegment.ACK) != 0;
        int shift = scaling ? WINDOW_SHIFT : 0;
        out.add(
                new TcpSegment(
                        localPort,
                        remotePort,
                        sequence,
                        acknowledges ? receive.next() : 0,
                        flags,
                        Math.min(receive.advertise(localMss) >>> shift, WINDOW_FIELD_MAX),
                        0,
                        -1,
                        payload));
    }
}
