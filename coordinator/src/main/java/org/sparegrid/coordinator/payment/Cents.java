// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import java.util.Set;
import org.sparegrid.protocol.Credits;

/// Amounts as payment providers count them, in hundredths of the currency's unit.
public final class Cents {
    private static final long NANOS = 10_000_000;

    /// Currencies with two decimals that both providers take.
    public static final Set<String> CURRENCIES =
            Set.of(
                    "aud", "cad", "chf", "czk", "dkk", "eur", "gbp", "nok", "nzd", "pln", "sek",
                    "usd");

    private Cents() {}

    /// Whether it is some whole hundredths, at least one.
    public static boolean areWhole(Credits amount) {
        return amount.nanos() > 0 && amount.nanos() % NANOS == 0;
    }

    /// How many hundredths that is.
    ///
    /// @throws IllegalArgumentException if it isn't a whole number of them
    public static long of(Credits amount) {
        if (amount.nanos() % NANOS != 0) {
            throw new IllegalArgumentException("expected whole hundredths, got " + amount);
        }
        return amount.nanos() / NANOS;
    }

    /// So many hundredths.
    ///
    /// @throws ArithmeticException if that is more than there can be
    public static Credits toCredits(long cents) {
        return new Credits(Math.multiplyExact(cents, NANOS));
    }
}
