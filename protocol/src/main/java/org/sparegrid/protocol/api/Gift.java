// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;

/// Moves money between wallets; sent with an `Idempotency-Key`.
///
/// @param to whose wallet, or the account's own to spend what it earned
/// @param amount more than 0
public record Gift(AccountId to, Credits amount) {}
