// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.crypto.ResponderHandshake;
import org.sparegrid.virtualethernet.crypto.TransportKeys;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.path.PeerPath;
import org.sparegrid.virtualethernet.wire.Announcement;
import org.sparegrid.virtualethernet.wire.CookieReply;
import org.sparegrid.virtualethernet.wire.HandshakeResponse;
import org.sparegrid.virtualethernet.wire.TransportData;

/// Everything between one identity and one peer. Confined to the identity's lock.
///
/// Source: the WireGuard white paper, section 6.
final class WireGuardPeer {
    /// Packets that wait for a handshake; the oldest goes first when there are more.
    static final int WAITING_MAX = 128;

    /// Initiations closer together than this come from a flood.
    private static final long INITIATION_GAP_NANOS = 20_000_000;

    private static final long NEVER = Long.MAX_VALUE;
    private static final byte[] NOTHING = {};

    private final WireGuardIdentity identity;
    private final PeerSpec spec;
    private final PeerPath path;
    private final Timers timers;
    private final RandomGenerator random;
    private final HandshakeAttempts attempts;
    private final Outlet outlet;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final Announcements announcements = new Announcements();

    private @Nullable Session previous;
    private @Nullable Session current;
    private @Nullable Session next;
    private byte[] newestTimestamp = new byte[12];
    private boolean everInitiated;
    private long initiatedNanos;
    private long keepaliveDue = NEVER;
    private long silenceDue = NEVER;
    private long persistentDue = NEVER;
    private long handshakeNanos = -1;
    private long roundTripNanos = -1;
    private long handshakes;
    private long receivedBytes;
    private long sentBytes;

    WireGuardPeer(
            WireGuardIdentity identity,
            PeerSpec spec,
            PeerPath path,
            Timers timers,
            HandshakeAttempts attempts,
            RandomGenerator random,
            Outlet outlet) {
        this.identity = identity;
        this.spec = spec;
        this.path = path;
        this.timers = timers;
        this.attempts = attempts;
        this.random = random;
        this.outlet = outlet;
        path.offer(spec.candidates());
        if (!spec.persistentKeepalive().isZero()) {
            persistentDue = 0;
        }
    }

    PeerSpec spec() {
        return spec;
    }

    PeerState state() {
        return new PeerState(
                path.inUse(),
                handshakeNanos < 0 ? Optional.empty() : Optional.of(handshakeNanos),
                roundTripNanos < 0 ? Optional.empty() : Optional.of(roundTripNanos),
                receivedBytes,
                sentBytes,
                handshakes);
    }

    /// New addresses may reach the peer; an attempt under way tries them at once.
    void offer(PeerSpec changed, long nowNanos) {
        path.offer(changed.candidates());
        hurry(nowNanos);
    }

    void alive(long nowNanos) {
        attempts.alive(nowNanos);
    }

    boolean isFast() {
        return current != null && current.isFast();
    }

    void hurry(long nowNanos) {
        if (path.inUse().isPresent()) {
            sendWaiting(nowNanos);
        }
        if (attempts.trying()) {
            attempts.hurry(nowNanos);
        }
    }

    void send(byte[] packet, long nowNanos) {
        Session session = usable(nowNanos);
        if (session == null || path.dataTarget().isEmpty()) {
            if (waiting.size() == WAITING_MAX) {
                waiting.removeFirst();
                outlet.dropped(DropReason.NO_SESSION);
            }
            waiting.addLast(packet);
            begin(nowNanos);
            return;
        }
        transmit(session, packet, true, nowNanos);
    }

    /// Sends frames by the transport that both ends accept.
    void send(FrameSource frames, long nowNanos) {
        Session session = usable(nowNanos);
        InetSocketAddress target = path.dataTarget().orElse(null);
        if (session == null || target == null) {
            for (int i = 0; i < frames.count(); i++) {
                byte[] packet = new byte[frames.longestPacket()];
                int length = frames.writePacket(i, packet, 0);
                send(Arrays.copyOf(packet, length), nowNanos);
            }
            return;
        }
        DatagramRoom room = outlet.room();
        int lengthMax = Session.sealedLength(frames.longestPacket());
        for (int i = 0; i < frames.count(); i++) {
            int at = room.open(lengthMax, target);
            int length = seal(session, frames, i, room.buffer(), at);
            room.close(length);
            sentBytes += length;
        }
        afterSending(session, true, nowNanos);
    }

    private static int seal(Session session, FrameSource frames, int index, byte[] out, int at) {
        int text = at + TransportData.HEADER_LENGTH;
        return session.isFast()
                ? session.sealFast(out, at, frames.writeFastFrame(index, out, text))
                : session.seal(out, at, frames.writePacket(index, out, text));
    }

    /// Takes sealed data of `length` bytes at `at`; opens it into `opened`.
    void receive(
            byte[] datagram,
            int at,
            int length,
            byte[] opened,
            InetSocketAddress from,
            long nowNanos) {
        Session session = sessionOf(TransportData.receiverIndex(datagram, at));
        boolean fast = TransportData.isFastFrame(datagram, at);
        if (session == null
                || session.ageNanos(nowNanos) >= timers.rejectAfter().toNanos()
                || (fast && !identity.shared().fastFrames())) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        int text = session.open(datagram, at, length, opened);
        if (text < 0) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        receivedBytes += length;
        path.authenticated(from);
        afterAuthenticated(nowNanos);
        if (session == next) {
            release(previous);
            previous = current;
            current = next;
            next = null;
            announcements.begin(nowNanos);
            sendWaiting(nowNanos);
        }
        renewIfOld(session, nowNanos);
        if (text == 0 || (!fast && heard(session, opened, text, nowNanos))) {
            return;
        }
        if (keepaliveDue == NEVER) {
            keepaliveDue = nowNanos + timers.keepaliveAfter().toNanos();
        }
        if (fast) {
            // Only a peer that has heard us in this session sends these.
            announcements.heard(session == current);
            outlet.deliverFast(spec.key(), opened, 0, text);
        } else {
            outlet.deliver(spec.key(), opened, 0, text);
        }
    }

    /// Takes an announcement; false if the packet is none.
    private boolean heard(Session session, byte[] packet, int length, long nowNanos) {
        Optional<Announcement> announcement = Announcement.read(packet, 0, length);
        if (announcement.isEmpty()) {
            return false;
        }
        outlet.offered(spec.key(), announcement.get().offer());
        if (identity.announces()) {
            session.fast(identity.shared().fastFrames() && announcement.get().fastFrames());
            if (session == current) {
                announcements.heard(announcement.get().heard());
            }
            // Also in the session before: when both sides began at once, each sends in its own.
            if (!announcement.get().heard()) {
                // Says nothing of whether this side's own has arrived, so it does not count as one.
                transmit(session, identity.announcement(true), false, nowNanos);
            }
        }
        return true;
    }

    private void announce(Session session, boolean heard, long nowNanos) {
        if (path.inUse().isPresent()) {
            announcements.sent(nowNanos);
            transmit(session, identity.announcement(heard), false, nowNanos);
        }
    }

    /// Answers an initiation that this peer made, unless it is an old or hasty one.
    void answer(ResponderHandshake handshake, InetSocketAddress from, long nowNanos) {
        byte[] timestamp = handshake.timestamp();
        boolean replayed = everInitiated && Arrays.compareUnsigned(timestamp, newestTimestamp) <= 0;
        boolean flood = everInitiated && nowNanos - initiatedNanos < INITIATION_GAP_NANOS;
        if (replayed || flood) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        int index = identity.takeIndex(this);
        Optional<ResponderHandshake.Answer> answer =
                handshake.respond(spec.presharedKey(), index, random);
        if (answer.isEmpty()) {
            identity.releaseIndex(index);
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        everInitiated = true;
        newestTimestamp = timestamp;
        initiatedNanos = nowNanos;
        HandshakeResponse message = answer.get().message();
        attempts.addMacs(message, nowNanos);
        release(next);
        release(previous);
        previous = null;
        next =
                new Session(
                        answer.get().keys(),
                        identity.shared().ciphers(),
                        index,
                        handshake.senderIndex(),
                        false,
                        nowNanos);
        began(nowNanos);
        transmit(message.bytes(), from);
        afterAuthenticated(nowNanos);
    }

    void finish(HandshakeResponse response, InetSocketAddress from, long nowNanos) {
        Optional<TransportKeys> keys = attempts.finish(response);
        if (keys.isEmpty()) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        roundTripNanos = attempts.roundTripNanos(nowNanos);
        attempts.stop();
        path.authenticated(from);
        if (next == null) {
            release(previous);
            previous = current;
        } else {
            release(previous);
            release(current);
            previous = next;
            next = null;
        }
        current =
                new Session(
                        keys.get(),
                        identity.shared().ciphers(),
                        response.receiverIndex(),
                        response.senderIndex(),
                        true,
                        nowNanos);
        receivedBytes += response.bytes().length;
        began(nowNanos);
        afterAuthenticated(nowNanos);
        announcements.begin(nowNanos);
        if (identity.announces()) {
            announce(current, false, nowNanos);
        } else if (waiting.isEmpty()) {
            transmit(current, NOTHING, false, nowNanos);
        }
        sendWaiting(nowNanos);
    }

    void accept(CookieReply reply, long nowNanos) {
        if (!attempts.accept(reply, nowNanos)) {
            outlet.dropped(DropReason.BAD_PACKET);
        }
    }

    void tick(long nowNanos) {
        if (attempts.isRetryDue(nowNanos)) {
            retry(nowNanos);
        }
        if (nowNanos >= silenceDue) {
            silenceDue = NEVER;
            begin(nowNanos);
        }
        if (nowNanos >= keepaliveDue || nowNanos >= persistentDue) {
            keepaliveDue = NEVER;
            persistentDue = nextPersistent(nowNanos);
            sendKeepalive(nowNanos);
        }
        Session session = usable(nowNanos);
        if (session != null && identity.announces() && announcements.isDue(nowNanos)) {
            announce(session, session.isFast(), nowNanos);
        }
        forgetOld(nowNanos);
    }

    void close() {
        attempts.outstanding().ifPresent(identity::releaseIndex);
        attempts.stop();
        forget();
        waiting.clear();
    }

    private void retry(long nowNanos) {
        if (!attempts.isHopeless(nowNanos)) {
            initiate(nowNanos);
            return;
        }
        attempts.outstanding().ifPresent(identity::releaseIndex);
        attempts.stop();
        waiting.forEach(_ -> outlet.dropped(DropReason.NO_SESSION));
        waiting.clear();
    }

    private void begin(long nowNanos) {
        if (attempts.mayBegin(nowNanos)) {
            initiate(nowNanos);
        }
    }

    private void initiate(long nowNanos) {
        attempts.outstanding().ifPresent(identity::releaseIndex);
        int index = identity.takeIndex(this);
        Optional<byte[]> message = attempts.initiate(index, nowNanos);
        if (message.isEmpty()) {
            identity.releaseIndex(index);
            return;
        }
        for (InetSocketAddress target : path.handshakeTargets(attempts.attempt())) {
            transmit(message.get().clone(), target);
        }
        persistentDue = nextPersistent(nowNanos);
    }

    private void began(long nowNanos) {
        handshakeNanos = nowNanos;
        handshakes++;
    }

    /// Any authenticated packet shows that the peer is there.
    private void afterAuthenticated(long nowNanos) {
        silenceDue = NEVER;
        persistentDue = nextPersistent(nowNanos);
    }

    /// The initiator renews a session on receiving, while there is time for it to end well.
    private void renewIfOld(Session session, long nowNanos) {
        long renewAge =
                timers.rejectAfter()
                        .minus(timers.keepaliveAfter())
                        .minus(timers.retryAfter())
                        .toNanos();
        if (session == current && session.initiator() && session.ageNanos(nowNanos) >= renewAge) {
            begin(nowNanos);
        }
    }

    private void sendKeepalive(long nowNanos) {
        Session session = usable(nowNanos);
        if (session == null) {
            begin(nowNanos);
        } else if (path.dataTarget().isPresent()) {
            transmit(session, NOTHING, false, nowNanos);
        }
    }

    private void sendWaiting(long nowNanos) {
        Session session = usable(nowNanos);
        while (session != null && !waiting.isEmpty()) {
            transmit(session, waiting.removeFirst(), true, nowNanos);
        }
    }

    /// @param answerable whether the peer answers within a while, unless it is gone
    private void transmit(Session session, byte[] packet, boolean answerable, long nowNanos) {
        InetSocketAddress target = path.dataTarget().orElseThrow();
        byte[] datagram = new byte[Session.sealedLength(packet.length)];
        System.arraycopy(packet, 0, datagram, TransportData.HEADER_LENGTH, packet.length);
        int length = session.seal(datagram, 0, packet.length);
        if (length != datagram.length) {
            throw new IllegalStateException("sealed " + length + " bytes");
        }
        transmit(datagram, target);
        afterSending(session, answerable, nowNanos);
    }

    private void afterSending(Session session, boolean answerable, long nowNanos) {
        keepaliveDue = NEVER;
        persistentDue = nextPersistent(nowNanos);
        if (answerable && silenceDue == NEVER) {
            silenceDue =
                    nowNanos
                            + timers.keepaliveAfter().toNanos()
                            + timers.retryAfter().toNanos()
                            + random.nextLong(334_000_000L);
        }
        boolean old =
                session.initiator() && session.ageNanos(nowNanos) >= timers.rekeyAfter().toNanos();
        if (old || session.sentCount() >= timers.rekeyAfterMessages() || session.isFastUsedUp()) {
            begin(nowNanos);
        }
    }

    private void transmit(byte[] datagram, InetSocketAddress target) {
        sentBytes += datagram.length;
        outlet.transmit(datagram, target);
    }

    private @Nullable Session usable(long nowNanos) {
        Session session = current;
        return session != null
                        && session.ageNanos(nowNanos) < timers.rejectAfter().toNanos()
                        && session.sentCount() < timers.rejectAfterMessages()
                ? session
                : null;
    }

    private @Nullable Session sessionOf(int index) {
        if (current != null && current.localIndex() == index) {
            return current;
        }
        if (next != null && next.localIndex() == index) {
            return next;
        }
        return previous != null && previous.localIndex() == index ? previous : null;
    }

    private long nextPersistent(long nowNanos) {
        return spec.persistentKeepalive().isZero()
                ? NEVER
                : nowNanos + spec.persistentKeepalive().toNanos();
    }

    /// Keys are gone once nothing was agreed for three times as long as they may be used.
    private void forgetOld(long nowNanos) {
        if (handshakeNanos >= 0
                && nowNanos - handshakeNanos >= 3 * timers.rejectAfter().toNanos()) {
            forget();
        }
    }

    private void forget() {
        release(previous);
        release(current);
        release(next);
        previous = null;
        current = null;
        next = null;
    }

    private void release(@Nullable Session session) {
        if (session != null) {
            identity.releaseIndex(session.localIndex());
            session.close();
        }
    }
}
