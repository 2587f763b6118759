// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.crypto.ResponderHandshake;
import org.sparegrid.virtualethernet.crypto.TransportKeys;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.path.PeerPath;
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

    void hurry(long nowNanos) {
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
        transmit(session, packet, nowNanos);
    }

    void receive(TransportData data, InetSocketAddress from, long nowNanos) {
        Session session = sessionOf(data.receiverIndex());
        if (session == null || session.ageNanos(nowNanos) >= timers.rejectAfter().toNanos()) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        Optional<byte[]> packet = session.open(data);
        if (packet.isEmpty()) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        receivedBytes += data.bytes().length;
        path.authenticated(from);
        afterAuthenticated(nowNanos);
        if (session == next) {
            release(previous);
            previous = current;
            current = next;
            next = null;
            sendWaiting(nowNanos);
        }
        renewIfOld(session, nowNanos);
        if (packet.get().length > 0) {
            if (keepaliveDue == NEVER) {
                keepaliveDue = nowNanos + timers.keepaliveAfter().toNanos();
            }
            outlet.deliver(spec.key(), packet.get());
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
        next = new Session(answer.get().keys(), index, handshake.senderIndex(), false, nowNanos);
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
                        response.receiverIndex(),
                        response.senderIndex(),
                        true,
                        nowNanos);
        receivedBytes += response.bytes().length;
        began(nowNanos);
        afterAuthenticated(nowNanos);
        if (waiting.isEmpty()) {
            transmit(current, NOTHING, nowNanos);
        } else {
            sendWaiting(nowNanos);
        }
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
            transmit(session, NOTHING, nowNanos);
        }
    }

    private void sendWaiting(long nowNanos) {
        Session session = usable(nowNanos);
        while (session != null && !waiting.isEmpty()) {
            transmit(session, waiting.removeFirst(), nowNanos);
        }
    }

    private void transmit(Session session, byte[] packet, long nowNanos) {
        InetSocketAddress target = path.dataTarget().orElseThrow();
        keepaliveDue = NEVER;
        persistentDue = nextPersistent(nowNanos);
        if (packet.length > 0 && silenceDue == NEVER) {
            silenceDue =
                    nowNanos
                            + timers.keepaliveAfter().toNanos()
                            + timers.retryAfter().toNanos()
                            + random.nextLong(334_000_000L);
        }
        transmit(session.seal(packet), target);
        boolean old =
                session.initiator() && session.ageNanos(nowNanos) >= timers.rekeyAfter().toNanos();
        if (old || session.sentCount() >= timers.rekeyAfterMessages()) {
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
        return Stream.of(
                        Optional.ofNullable(current),
                        Optional.ofNullable(next),
                        Optional.ofNullable(previous))
                .flatMap(Optional::stream)
                .filter(session -> session.localIndex() == index)
                .findFirst()
                .orElse(null);
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
        }
    }
}
