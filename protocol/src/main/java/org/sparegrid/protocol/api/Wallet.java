// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.Credits;

/// An account's money.
///
/// @param balance what can be spent
/// @param escrow what is held for orders under way
/// @param earnings what was earned by selling
public record Wallet(Credits balance, Credits escrow, Credits earnings) {}
