// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.MachineSize;

/// Inventories for tests.
final class Inventories {
    /// A machine without leases.
    static final AgentMessage.Inventory EMPTY =
            new AgentMessage.Inventory(
                    new Ask(
                            "test",
                            1,
                            new MachineSize(1, 512, 0),
                            Credits.ZERO,
                            Acceleration.EMULATION,
                            "a test",
                            1000,
                            "0",
                            AskTraits.UNKNOWN),
                    true,
                    List.of(),
                    List.of());

    private Inventories() {}
}
