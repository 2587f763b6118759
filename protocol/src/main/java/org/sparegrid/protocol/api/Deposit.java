// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;

/// A payment into a wallet.
///
/// @param id the payment
/// @param provider who takes the money
/// @param state where it stands
/// @param amount what is paid
/// @param commission the operator's part of it
/// @param credited what reaches the wallet
/// @param payAt where the buyer confirms the payment, or empty where nothing is to be confirmed
/// @param created when it was begun
public record Deposit(
        DepositId id,
        String provider,
        State state,
        Credits amount,
        Credits commission,
        Credits credited,
        String payAt,
        Instant created) {
    /// Where a payment stands.
    public enum State {
        /// The provider has not confirmed it.
        PENDING,
        /// The money is in the wallet.
        POSTED,
        /// It came to nothing.
        FAILED
    }
}
