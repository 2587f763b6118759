// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.LeaseId;

/// What a buyer says of a machine that was paid for and did not do what it should. What its seller
/// got for it is set aside until the operator decides.
///
/// @param lease the machine
/// @param reason the buyer's, 1 to 500 characters
/// @param reserved what is set aside, or was: no more than the seller had
/// @param state where it stands
/// @param refunded what the buyer got back
/// @param created when it was raised
public record Dispute(
        LeaseId lease,
        String reason,
        Credits reserved,
        State state,
        Credits refunded,
        Instant created) {
    /// Where a dispute stands.
    public enum State {
        OPEN,
        RESOLVED
    }

    /// Raises a dispute.
    ///
    /// @param reason why, 1 to 500 characters
    public record Request(String reason) {
        public Request {
            if (reason.isBlank()
                    || reason.length() > 500
                    || reason.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(
                        "reason: expected one line of 1 to 500 characters");
            }
        }
    }

    /// The disputes that an account is a party of, newest first.
    public record Page(List<Dispute> disputes) {
        public Page {
            disputes = List.copyOf(disputes);
        }
    }
}
