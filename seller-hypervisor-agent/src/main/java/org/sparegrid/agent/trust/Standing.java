// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.trust;

import java.util.Map;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;

/// How far a lease's buyer trusts its machine.
public sealed interface Standing {
    /// He has not decided; the machine must not run.
    record Waiting() implements Standing {}

    /// The machine may run, and talk with these members.
    record Admitted(Map<PublicKey, PresharedKey> peers) implements Standing {
        public Admitted {
            peers = Map.copyOf(peers);
        }
    }
}
