// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.crypto.ExtendedNonceAead;
import org.sparegrid.virtualethernet.crypto.HandshakeMacs;
import org.sparegrid.virtualethernet.crypto.InitiatorHandshake;
import org.sparegrid.virtualethernet.crypto.TransportKeys;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.wire.CookieReply;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.HandshakeResponse;

/// The initiations to one peer: one outstanding at a time, repeated until answered or given up.
final class HandshakeAttempts {
    /// Spreads the retries of two peers that began at the same moment.
    private static final long JITTER_NANOS = 334_000_000L;

    /// How long an answer may take before a sign of life of the peer means that it did not get the
    /// question.
    private static final long ANSWER_NANOS = 500_000_000L;

    private final KeyPair local;
    private final PeerSpec peer;
    private final Timers timers;
    private final TimestampSource timestamps;
    private final RandomGenerator random;
    private final HandshakeMacs macs;

    private @Nullable InitiatorHandshake pending;
    private int pendingIndex;
    private byte[] lastMac1 = {};
    private byte @Nullable [] cookie;
    private long cookieNanos;
    private boolean trying;
    private boolean everSent;
    private boolean repeating;
    private boolean repeated;
    private int attempt;
    private long firstNanos;
    private long sentNanos;
    private long retryNanos;

    HandshakeAttempts(
            KeyPair local,
            PeerSpec peer,
            Timers timers,
            TimestampSource timestamps,
            RandomGenerator random) {
        this.local = local;
        this.peer = peer;
        this.timers = timers;
        this.timestamps = timestamps;
        this.random = random;
        this.macs = new HandshakeMacs(peer.key());
    }

    /// Whether an initiation may go out now: none is being repeated, none went out just before.
    boolean mayBegin(long nowNanos) {
        return !trying && (!everSent || nowNanos - sentNanos >= timers.retryAfter().toNanos());
    }

    boolean trying() {
        return trying;
    }

    boolean isRetryDue(long nowNanos) {
        return trying && nowNanos >= retryNanos;
    }

    boolean isHopeless(long nowNanos) {
        return nowNanos - firstNanos >= timers.attemptFor().toNanos();
    }

    /// Lets the next retry happen at once, because something changed.
    void hurry(long nowNanos) {
        retryNanos = nowNanos;
    }

    /// The peer is there: what it has not answered is repeated, but only once before the next
    /// regular retry, so that slow answers are not overtaken for ever.
    void alive(long nowNanos) {
        if (trying && !repeating && !repeated) {
            repeating = true;
            retryNanos = Math.min(retryNanos, Math.max(nowNanos, sentNanos + ANSWER_NANOS));
        }
    }

    int attempt() {
        return attempt;
    }

    long roundTripNanos(long nowNanos) {
        return nowNanos - sentNanos;
    }

    /// The index of the outstanding initiation, if there is one.
    Optional<Integer> outstanding() {
        return pending == null ? Optional.empty() : Optional.of(pendingIndex);
    }

    /// Makes the next initiation with `index`; the outstanding one is void.
    Optional<byte[]> initiate(int index, long nowNanos) {
        if (trying) {
            attempt++;
        } else {
            trying = true;
            repeating = false;
            attempt = 0;
            firstNanos = nowNanos;
        }
        repeated = repeating;
        repeating = false;
        everSent = true;
        sentNanos = nowNanos;
        retryNanos = nowNanos + timers.retryAfter().toNanos() + random.nextLong(JITTER_NANOS);
        pending =
                InitiatorHandshake.begin(
                                local,
                                peer.key(),
                                peer.presharedKey(),
                                index,
                                timestamps.next(nowNanos),
                                random)
                        .orElse(null);
        pendingIndex = index;
        if (pending == null) {
            return Optional.empty();
        }
        byte[] message = pending.message().bytes();
        lastMac1 = addMacs(message, HandshakeInitiation.MAC1_OFFSET, nowNanos);
        return Optional.of(message);
    }

    /// Adds the MACs to a response, as the peer may ask for cookies there too.
    void addMacs(HandshakeResponse response, long nowNanos) {
        lastMac1 = addMacs(response.bytes(), HandshakeResponse.MAC1_OFFSET, nowNanos);
    }

    private byte[] addMacs(byte[] message, int mac1Offset, long nowNanos) {
        macs.writeMac1(message, mac1Offset);
        if (cookie != null && nowNanos - cookieNanos < timers.cookieLife().toNanos()) {
            HandshakeMacs.writeMac2(cookie, message, mac1Offset + 16);
        }
        byte[] mac1 = new byte[16];
        System.arraycopy(message, mac1Offset, mac1, 0, mac1.length);
        return mac1;
    }

    /// Takes the cookie of a reply to our newest message.
    boolean accept(CookieReply reply, long nowNanos) {
        Optional<byte[]> opened =
                ExtendedNonceAead.open(
                        macs.cookieKey(), reply.nonce(), reply.sealedCookie(), lastMac1);
        if (opened.isEmpty()) {
            return false;
        }
        cookie = opened.get();
        cookieNanos = nowNanos;
        return true;
    }

    /// Completes the outstanding handshake; empty if `response` does not belong to it.
    Optional<TransportKeys> finish(HandshakeResponse response) {
        if (pending == null || pendingIndex != response.receiverIndex()) {
            return Optional.empty();
        }
        return pending.finish(response);
    }

    /// Ends the attempts, answered or not.
    void stop() {
        pending = null;
        trying = false;
    }
}
