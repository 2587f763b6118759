// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.util.function.Supplier;
import org.sparegrid.agent.checkpoint.CheckpointStore;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.image.ImageSource;
import org.sparegrid.agent.image.ImageStore;
import org.sparegrid.agent.network.Overlay;
import org.sparegrid.agent.trust.TrustDesk;
import org.sparegrid.agent.volume.VolumeDesk;
import org.sparegrid.protocol.market.Acceleration;

/// What every lease works with.
///
/// @param card what network card the next guest gets
/// @param meterMillis how often the meter is read
/// @param streams connections that the coordinator wants to guests
/// @param checkpoints the saved states of guests whose buyers want it
/// @param volumes the disks that outlive guests
public record LeaseTools(
        Hypervisor hypervisor,
        ImageStore images,
        ImageSource source,
        Overlay overlay,
        LeaseJournal journal,
        Outbox outbox,
        TrustDesk trust,
        Acceleration acceleration,
        Supplier<GuestCard> card,
        long meterMillis,
        CheckpointStore checkpoints,
        Streams streams,
        VolumeDesk volumes) {}
