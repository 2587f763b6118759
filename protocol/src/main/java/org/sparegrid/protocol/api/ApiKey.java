// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.KeyId;

/// A secret with which a program acts for an account, within bounds.
///
/// @param id names it
/// @param name what its owner calls it
/// @param scopes what it is good for, in the order of [Scope]
/// @param spendMax the most that may leave the account by it in all
/// @param spent what left so far or is held for its orders; what is held and not used comes back
/// @param created when it was made
/// @param expires when it ends
/// @param state whether it can be used
public record ApiKey(
        KeyId id,
        String name,
        List<Scope> scopes,
        Credits spendMax,
        Credits spent,
        Instant created,
        Instant expires,
        State state) {
    /// What every key's token begins with.
    public static final String TOKEN_PREFIX = "sgk_";

    /// The longest life of a key, in days.
    public static final int DAYS_MAX = 3650;

    public ApiKey {
        scopes = List.copyOf(scopes);
    }

    /// What a key can be good for.
    public enum Scope {
        /// See all that the account sees; change nothing.
        READ,
        /// Buy: images, orders, machines and their networks.
        ORDER,
        /// Let computers join as sellers of the account.
        SELL,
        /// Pay in, give and have paid out.
        WALLET
    }

    /// Whether a key can be used.
    public enum State {
        LIVE,
        EXPIRED,
        REVOKED
    }

    /// Asks for a key.
    ///
    /// @param name 1 to 40 letters, digits, spaces and `. _ -`
    /// @param scopes at least one, none twice
    /// @param spendMax the most that may leave the account by it in all; 0 lets nothing leave
    /// @param days how long it can be used, 1 to [#DAYS_MAX]
    public record Request(String name, List<Scope> scopes, Credits spendMax, int days) {
        public Request {
            scopes = List.copyOf(scopes);
            if (!name.matches("[\\p{L}\\p{N} ._-]{1,40}")) {
                throw new IllegalArgumentException(
                        "name: expected 1 to 40 letters, digits, spaces and . _ -");
            }
            if (scopes.isEmpty() || Set.copyOf(scopes).size() < scopes.size()) {
                throw new IllegalArgumentException("scopes: expected at least one, none twice");
            }
            if (spendMax.isNegative()) {
                throw new IllegalArgumentException("spendMax: expected 0 or more, got " + spendMax);
            }
            if (days < 1 || days > DAYS_MAX) {
                throw new IllegalArgumentException(
                        "days: expected 1 to " + DAYS_MAX + ", got " + days);
            }
        }
    }

    /// A key that was made now.
    ///
    /// @param key what is known of it from now on
    /// @param token sent as `Authorization: Bearer TOKEN`; it is shown once and stored nowhere
    public record Made(ApiKey key, String token) {
        @Override
        public String toString() {
            return "Made[key=" + key + "]";
        }
    }

    /// An account's keys, newest first.
    public record Page(List<ApiKey> keys) {
        public Page {
            keys = List.copyOf(keys);
        }
    }
}
