// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.sparegrid.agent.image.StreamStatus;
import org.sparegrid.agent.lease.LeaseDesk;
import org.sparegrid.agent.lease.LeaseRecord;
import org.sparegrid.agent.status.StatusReport;
import org.sparegrid.agent.volume.VolumeDesk;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.virtualethernet.meter.DropReason;

/// Leases as the owner sees them.
final class Machines {
    private Machines() {}

    static List<StatusReport.Machine> of(LeaseDesk desk) {
        return desk.leases().stream()
                .map(lease -> of(lease, desk.refused(lease.id()), desk.disc(lease.id())))
                .toList();
    }

    /// Buyers' volumes on the disk.
    static List<StatusReport.Volume> volumes(LeaseDesk desk, VolumeDesk volumes)
            throws IOException {
        return volumes.list().stream()
                .map(kept ->
                        new StatusReport.Volume(
                                kept.id().value(),
                                kept.bytes(),
                                kept.empty(),
                                desk.user(kept.id()).map(LeaseId::value).orElse("")))
                .toList();
    }

    private static StatusReport.Machine of(
            LeaseRecord lease, Map<DropReason, Long> refused, Optional<StreamStatus> disc) {
        Map<String, Long> refusedFrames = new TreeMap<>();
        refused.forEach((reason, count) -> refusedFrames.put(words(reason), count));
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
                lease.usage().sentBytes(),
                refusedFrames,
                disc.stream()
                        .map(d ->
                                new StatusReport.Disc(
                                        d.presentBytes(),
                                        d.totalBytes(),
                                        d.stalls(),
                                        d.waitedMillis(),
                                        d.waiting()))
                        .toList());
    }

    private static String words(DropReason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
