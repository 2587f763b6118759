// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.Credits;

/// Pays money into the wallet.
///
/// @param amount what to pay, commission included
/// @param provider the payment provider's name, such as `test`, or empty for the coordinator's
public record DepositRequest(Credits amount, String provider) {}
