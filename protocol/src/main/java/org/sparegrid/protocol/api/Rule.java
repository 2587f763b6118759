// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

/// Whom an account deals with. Whoever is blocked is never dealt with; as soon as one is allowed,
/// only those that are allowed are. A rule holds for every order from then on, and for nothing that
/// runs already.
///
/// @param side which of the account's dealings it is about
/// @param kind what it says
/// @param subject an account, or a seller's computer when buying: its identifier or the first 8
///   digits of it or more
public record Rule(Side side, Kind kind, String subject) {
    public Rule {
        if (!subject.matches("[0-9a-zA-Z-]{8,40}")) {
            throw new IllegalArgumentException(
                    "subject: expected an account or 8 to 40 digits of a seller's computer");
        }
    }

    /// Which dealings.
    public enum Side {
        /// The account buys.
        BUYING,
        /// The account's computers sell.
        SELLING
    }

    /// What a rule says.
    public enum Kind {
        BLOCK,
        ALLOW
    }
}
