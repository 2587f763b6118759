// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.sparegrid.attestation.wire.Octets;

/// The nonces that a verifier has given out. Each is good once and for a short time. One thread
/// uses it.
public final class Nonces {
    /// Length of a nonce.
    public static final int LENGTH = 32;

    /// How long evidence may take; a TPM's quote takes at most seconds.
    public static final Duration LIFETIME = Duration.ofSeconds(60);

    private static final Duration REMEMBERED =
            LIFETIME.multipliedBy(10); // to say why it is refused
    private static final int NONCES_MAX = 10_000; // of all leases of a verifier at a time

    private record Given(Instant until, boolean used) {}

    private final RandomGenerator random;
    private final Map<Octets, Given> given = new HashMap<>();

    /// What a nonce is worth.
    public enum Use {
        /// It was given out, in time, and not used before.
        GOOD,
        /// It was never given out, or long ago.
        UNKNOWN,
        /// It came too late.
        EXPIRED,
        /// It has been used: the evidence is replayed.
        REUSED
    }

    /// @param random a generator fit for keys
    public Nonces(RandomGenerator random) {
        this.random = random;
    }

    /// A new nonce.
    ///
    /// @throws IllegalStateException if too many are out
    public Octets issue(Instant now) {
        forgetOld(now);
        if (given.size() >= NONCES_MAX) {
            throw new IllegalStateException(
                    "nonces: expected fewer than " + NONCES_MAX + " at a time");
        }
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        Octets nonce = Octets.of(bytes);
        given.put(nonce, new Given(now.plus(LIFETIME), false));
        return nonce;
    }

    /// Uses a nonce up.
    public Use redeem(Octets nonce, Instant now) {
        Given one = given.get(nonce);
        if (one == null) {
            return Use.UNKNOWN;
        }
        if (one.used()) {
            return Use.REUSED;
        }
        given.put(nonce, new Given(one.until(), true));
        return now.isAfter(one.until()) ? Use.EXPIRED : Use.GOOD;
    }

    private void forgetOld(Instant now) {
        Iterator<Given> all = given.values().iterator();
        while (all.hasNext()) {
            if (now.isAfter(all.next().until().plus(REMEMBERED))) {
                all.remove();
            }
        }
    }
}
