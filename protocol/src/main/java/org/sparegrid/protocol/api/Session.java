// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import org.sparegrid.protocol.AccountId;

/// A session of a person.
///
/// @param account whose
/// @param token sent as `Authorization: Bearer TOKEN` with every request
/// @param expires when a new one is needed
public record Session(AccountId account, String token, Instant expires) {
    @Override
    public String toString() {
        return "Session[account=" + account + "]";
    }
}
