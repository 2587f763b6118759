// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.util.List;
import org.sparegrid.agent.lease.LeaseRecord;
import org.sparegrid.agent.status.StatusReport;

/// Leases as the owner sees them.
final class Machines {
    private Machines() {}

    static List<StatusReport.Machine> of(List<LeaseRecord> leases) {
        return leases.stream().map(Machines::of).toList();
    }

    private static StatusReport.Machine of(LeaseRecord lease) {
        return new StatusReport.Machine(
                lease.id().value(),
                lease.offer().network(),
                lease.offer().hostName(),
                lease.state().stage().name(),
                lease.process().pid(),
                lease.offer().size().cpus(),
                lease.offer().size().memoryMebibytes(),
                lease.usage().runMillis() / 1000,
                lease.usage().cpuNanos() / 1e9,
                lease.usage().receivedBytes(),
                lease.usage().sentBytes());
    }
}
