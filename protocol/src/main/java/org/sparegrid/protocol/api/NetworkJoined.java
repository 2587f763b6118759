// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.market.NetworkView;

/// The answer to a computer that joined.
///
/// @param self which member it is
/// @param network the network in its newest version
public record NetworkJoined(MemberId self, NetworkView network) {}
