// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import org.sparegrid.protocol.Credits;

/// What guests earn and cost, as this computer reckons it; the account's ledger decides.
///
/// @param gross what they earned
/// @param energy what they cost in energy
/// @param net what is left
/// @param energyKnown whether the settings say what a guest draws
/// @param askNow what is asked for an hour now: the price, or the cost of energy if that is higher
public record MoneyReport(
        Credits gross, Credits energy, Credits net, boolean energyKnown, Credits askNow) {}
