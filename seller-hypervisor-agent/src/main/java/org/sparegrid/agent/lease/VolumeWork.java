// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.volume.VolumeDesk;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;

/// What a lease does with the volume of its guest. The lease's thread calls.
final class VolumeWork {
    /// How long a guest may take to write what it holds of its volume; after that it is switched
    /// off. It is less than what the agent waits for its guests when it ends.
    private static final long SHUTDOWN_MILLIS_MAX = 45_000;

    private static final long NOT_ASKED = -1;

    /// Something that may fail.
    interface Step {
        void run() throws IOException;
    }

    private final VolumeDesk desk;
    private final LeaseOffered offer;
    private long deadlineMillis = NOT_ASKED;

    VolumeWork(VolumeDesk desk, LeaseOffered offer) {
        this.desk = desk;
        this.offer = offer;
    }

    /// Whether there is a volume.
    boolean isWanted() {
        return !offer.volumes().isEmpty();
    }

    /// Whether the guest can't be made yet, because the key of its volume has not come.
    ///
    /// @throws IOException if it is too late for that
    boolean awaitsKey(long untilMillis) throws IOException {
        if (!isWanted() || desk.hasKey(offer.lease())) {
            return false;
        }
        if (Kernel.bootMillis() > untilMillis) {
            throw new IOException("the key of the volume did not come in time");
        }
        return true;
    }

    /// What the guest gets. Its key is forgotten here with that.
    List<VmSpec.Volume> disks() throws IOException {
        List<VmSpec.Volume> disks = new ArrayList<>();
        for (VolumeId id : offer.volumes()) {
            Optional<String> key = desk.key(offer.lease());
            if (key.isEmpty()) {
                throw new IOException("the key of the volume is not here");
            }
            disks.add(new VmSpec.Volume(desk.file(id, key.get()), key.get()));
            forgetKey();
        }
        return disks;
    }

    /// The guest needs no volume any more.
    void forgetKey() {
        desk.forget(offer.lease());
    }

    /// Whether the guest is still about to switch itself off, as it was told at the first call. It
    /// is not waited for while it must stand still: the owner comes first.
    ///
    /// @param first is done before it is told, while it runs
    boolean isGoingDown(VmHandle guest, Hold hold, Step first) throws IOException {
        if (!isWanted() || hold.state().standsStill() || !guest.isAlive()) {
            return false;
        }
        if (deadlineMillis == NOT_ASKED) {
            if (guest.isSuspended()) {
                return false;
            }
            first.run();
            deadlineMillis = Kernel.bootMillis() + SHUTDOWN_MILLIS_MAX;
            guest.powerDown();
        }
        return Kernel.bootMillis() < deadlineMillis;
    }

    /// Whether the guest was told to switch itself off.
    boolean wasAsked() {
        return deadlineMillis != NOT_ASKED;
    }
}
