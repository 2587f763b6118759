// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.util.List;
import org.sparegrid.agent.hypervisor.Confinement;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

/// Makes a guest without anything in it, looks at its processes and removes it.
public final class SelfTest {
    private static final String NAME = "sg-self-test";

    private SelfTest() {}

    /// How a guest would be locked up here.
    ///
    /// @throws IOException if no guest can be made
    public static Confinement run(Hypervisor hypervisor, Acceleration acceleration)
            throws IOException {
        hypervisor.purge(NAME);
        VmHandle guest =
                hypervisor.launch(
                        new VmSpec(
                                NAME,
                                new MachineSize(1, 128, 0),
                                acceleration,
                                List.of(),
                                "02:00:00:00:00:00",
                                1370,
                                List.of()));
        try {
            return hypervisor.inspect(guest);
        } finally {
            guest.remove();
        }
    }
}
