// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
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
        /// The provider was not asked yet, or has not answered.
        CREATED,
        /// The buyer has not paid.
        PENDING,
        /// The buyer did his part; the money is on its way.
        CONFIRMED,
        /// The money is in the wallet.
        POSTED,
        /// It came to nothing.
        FAILED,
        /// It was there, and all of it was given back.
        REFUNDED,
        /// It was there, and the buyer's bank took some of it back.
        CHARGEBACK;

        /// Whether the money may still come.
        public boolean isOpen() {
            return this == CREATED || this == PENDING || this == CONFIRMED;
        }

        /// Whether the money came, whatever became of it since.
        public boolean isPaid() {
            return this == POSTED || this == REFUNDED || this == CHARGEBACK;
        }
    }

    /// An account's payments, newest first.
    public record Page(List<Deposit> deposits) {
        public Page {
            deposits = List.copyOf(deposits);
        }
    }
}
