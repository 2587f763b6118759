// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.sparegrid.protocol.Credits;

/// How a formula's real number becomes an amount.
final class Rounding {
    private Rounding() {}

    /// `amount` times `factor`, to the nearest billionth.
    ///
    /// @throws ArithmeticException if it is no amount or too large for one
    static Credits times(Credits amount, double factor) {
        if (!Double.isFinite(factor)) {
            throw new ArithmeticException("amount: expected a finite factor, got " + factor);
        }
        return new Credits(
                new BigDecimal(factor)
                        .multiply(BigDecimal.valueOf(amount.nanos()))
                        .setScale(0, RoundingMode.HALF_EVEN)
                        .longValueExact());
    }
}
