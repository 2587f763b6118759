// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.network.RelaySpec;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// One machine's side of one relay: stays bound and knows the sessions to its peers. A pure state
/// machine for one thread.
public final class RelayClient {
    /// Keeps the mapping of the nearest NAT towards the relay, which lasts 30 s or more.
    static final long REFRESH_NANOS = 20_000_000_000L;

    /// A relay that has not answered for this long carries nothing: three refreshes were lost.
    static final long LOST_NANOS = 65_000_000_000L;

    /// How long to wait for the answer the first time; each further wait is twice as long.
    static final long RETRY_NANOS = 250_000_000L;

    static final long RETRY_MAX_NANOS = 8_000_000_000L;

    /// A session that was not asked for again for this long is not used: the relay may have let it
    /// go, as docs/protocol/relay.md, section 2 says.
    static final long OLD_NANOS = 45_000_000_000L;

    /// How often to ask again for a peer that the relay does not know yet.
    static final long ASK_AGAIN_NANOS = 1_000_000_000L;

    /// Binds in vain after which a relay that was heard before counts as silent: 0.75 s, in which
    /// two may be lost. Who is slower goes back to UDP with the first answer.
    private static final int SILENT_TRIES = 2;

    /// The same for a relay that was never heard: 0.25 s, as nobody is heard before there is a
    /// stream, which takes a while to open.
    private static final int NEVER_HEARD_TRIES = 1;

    /// An answer that refuses or challenges proves for so long that the relay is reached.
    private static final long HEARD_NANOS = 2_000_000_000L;

    private static final long NEVER = Long.MIN_VALUE / 2;

    private final RelaySpec spec;
    private final int number;
    private final KeyPair keys;
    private final RandomGenerator random;
    private final RelaySeal seal;
    private final Map<PublicKey, Session> sessions = new HashMap<>();
    private final SequencedSet<PublicKey> questions = new LinkedHashSet<>();
    private byte[] cookie = new byte[RelayMessage.COOKIE_LENGTH];
    private @Nullable Pending pending;
    private long answeredNanos = Long.MIN_VALUE / 2;
    private long dueNanos = Long.MIN_VALUE / 2;
    private long roundTripNanos = -1;
    private long heardNanos = NEVER;
    private @Nullable InetSocketAddress seen;
    private int tries;
    private boolean silent;

    /// One challenge is answered for each time that we begin to ask, so that no relay keeps us
    /// busy.
    private boolean challenged;

    /// How soon to ask the relay for a peer of which it has said nothing, or nothing lately.
    public enum Asking {
        /// Nobody wants to know.
        NO,
        /// It may be wanted: as often as the machine binds.
        AT_TIMES,
        /// Something waits for it: every second until it is there.
        SOON
    }

    /// What the relay has said of a peer.
    ///
    /// @param askedNanos when, or long ago if it may have forgotten that
    /// @param givenNanos when
    private record Session(int status, int number, long askedNanos, long givenNanos) {}

    private record Pending(long transaction, List<PublicKey> names, long sentNanos) {}

    private RelayClient(
            RelaySpec spec, int number, KeyPair keys, RandomGenerator random, RelaySeal seal) {
        this.spec = spec;
        this.number = number;
        this.keys = keys;
        this.random = random;
        this.seal = seal;
    }

    /// A client that is not bound yet; empty if the relay's key is none.
    ///
    /// @param number the relay's number in the table of the port
    public static Optional<RelayClient> of(
            RelaySpec spec, int number, KeyPair keys, RandomGenerator random) {
        return RelaySeal.ofMachine(keys, spec.publicKey())
                .map(seal -> new RelayClient(spec, number, keys, random, seal));
    }

    /// The relay.
    public RelaySpec spec() {
        return spec;
    }

    /// Whether the relay has answered lately.
    public boolean isBound(long nowNanos) {
        return nowNanos - answeredNanos < LOST_NANOS;
    }

    /// Whether it was asked several times and has not said since what it does with this machine.
    public boolean isSilent() {
        return silent;
    }

    /// Asks at once whether the relay is still reached, unless that is known.
    public void hurry(long nowNanos) {
        if (pending == null && nowNanos - answeredNanos >= HEARD_NANOS) {
            dueNanos = nowNanos;
        }
    }

    /// How long the newest answer took; negative if there was none.
    public long roundTripNanos() {
        return roundTripNanos;
    }

    /// The way to `peer` through this relay, if both are bound to it.
    ///
    /// @param asking whether to ask the relay if that is not known, or not for certain
    public Optional<InetSocketAddress> wayTo(PublicKey peer, Asking asking, long nowNanos) {
        Session known = sessions.get(peer);
        boolean soon = asking == Asking.SOON && known != null && known.status() != 0;
        boolean stale =
                known == null
                        || nowNanos - known.askedNanos() > (soon ? ASK_AGAIN_NANOS : REFRESH_NANOS);
        boolean asked = pending != null && pending.names().contains(peer);
        if (asking != Asking.NO && stale && !asked) {
            questions.add(peer);
        }
        return known != null
                        && known.status() == 0
                        && nowNanos - known.givenNanos() < OLD_NANOS
                        && isBound(nowNanos)
                ? Optional.of(new RelayAddress(number, known.number()).toSocketAddress())
                : Optional.empty();
    }

    /// Whether the session is one that the relay gave this machine, or may have given its peer.
    public boolean isOf(InetSocketAddress address) {
        return RelayAddress.is(address) && RelayAddress.of(address).relay() == number;
    }

    /// Forgets all peers but these.
    public void retain(Set<PublicKey> peers) {
        sessions.keySet().retainAll(peers);
        questions.retainAll(peers);
    }

    /// The datagram to send to the relay now, if one is due.
    public Optional<byte[]> tick(long nowNanos) {
        boolean waiting = pending != null && nowNanos < dueNanos;
        int enough = heardNanos == NEVER ? NEVER_HEARD_TRIES : SILENT_TRIES;
        if (pending != null && !waiting && tries >= enough) {
            notReached(nowNanos);
        }
        boolean idle = pending == null && nowNanos < dueNanos && questions.isEmpty();
        if (waiting || idle) {
            return Optional.empty();
        }
        List<PublicKey> names = new ArrayList<>(pending == null ? List.of() : pending.names());
        while (names.size() < RelaySeal.NAMES_MAX && !questions.isEmpty()) {
            names.add(questions.removeFirst());
        }
        challenged = false;
        return Optional.of(ask(names, nowNanos));
    }

    /// What was to be sent did not arrive, or did not even leave: the system has no way there.
    public void notReached(long nowNanos) {
        silent |= nowNanos - heardNanos >= HEARD_NANOS;
    }

    /// Takes what the relay sent; returns the datagram to answer with, if any.
    ///
    /// @throws WireFormatException if the relay sealed something else
    public Optional<byte[]> receive(RelayMessage message, long nowNanos)
            throws WireFormatException {
        Pending asked = pending;
        heardNanos = nowNanos;
        switch (message) {
            case RelayMessage.Challenge(long transaction, byte[] given) -> {
                if (asked != null && asked.transaction() == transaction && !challenged) {
                    cookie = given;
                    challenged = true;
                    // It may have begun anew and given other numbers.
                    sessions.replaceAll((_, known) ->
                            new Session(
                                    known.status(),
                                    known.number(),
                                    Long.MIN_VALUE / 2,
                                    known.givenNanos()));
                    return Optional.of(ask(asked.names(), nowNanos));
                }
            }
            case RelayMessage.Bound bound -> {
                if (asked != null && asked.transaction() == bound.transaction()) {
                    var sessionsGiven = seal.sessions(bound);
                    if (sessionsGiven.isPresent()) {
                        take(asked, sessionsGiven.get(), nowNanos);
                    }
                }
            }
            case RelayMessage.Refused(long transaction, int _) -> {
                if (asked != null && asked.transaction() == transaction) {
                    silent = false;
                    // Perhaps the relay has not heard of us yet: ask again, ever more rarely.
                    dueNanos = Math.max(dueNanos, nowNanos + ASK_AGAIN_NANOS);
                }
            }
            case RelayMessage.Packet _, RelayMessage.Bind _ -> {}
        }
        return Optional.empty();
    }

    /// How the relay sees this machine; empty before the first answer.
    public Optional<InetSocketAddress> seen() {
        return Optional.ofNullable(seen);
    }

    private void take(Pending asked, RelaySeal.Sessions given, long nowNanos) {
        pending = null;
        silent = false;
        tries = 0;
        answeredNanos = nowNanos;
        roundTripNanos = nowNanos - asked.sentNanos();
        dueNanos = nowNanos + REFRESH_NANOS;
        seen = given.seen();
        for (int i = 0; i < Math.min(asked.names().size(), given.answers().size()); i++) {
            RelaySeal.Answer answer = given.answers().get(i);
            sessions.put(
                    asked.names().get(i),
                    new Session(answer.status(), answer.session(), nowNanos, nowNanos));
        }
    }

    private byte[] ask(List<PublicKey> names, long nowNanos) {
        pending = new Pending(random.nextLong(), List.copyOf(names), nowNanos);
        long wait = Math.min(RETRY_MAX_NANOS, RETRY_NANOS << Math.min(tries, 6));
        tries++;
        dueNanos = nowNanos + wait;
        return seal.bind(pending.transaction(), cookie, keys.publicKey(), names, random).toBytes();
    }
}
