// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.util.Optional;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Knows who may use a relay. Asked on the relay's thread when a machine binds, which is every 20
/// seconds.
@FunctionalInterface
public interface RelayMembership {
    /// The network of which the owner of the key is a member now; machines of different networks
    /// never reach each other.
    Optional<String> networkOf(PublicKey machine);
}
