// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.hypervisor.Disc;
import org.sparegrid.agent.image.GuestImage;
import org.sparegrid.agent.image.RejectedImageException;
import org.sparegrid.agent.image.StreamStatus;
import org.sparegrid.agent.lease.LeaseState.Event;
import org.sparegrid.agent.nbd.NbdServer;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Medium;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.market.LeaseProgress;

/// What a lease does with the disc in its guest's drive. The lease's thread calls, if nothing else
/// is said.
final class DiscWork {
    /// A guest that is on its network and has read nothing new for so long has booted.
    private static final long QUIET_MILLIS = 15_000;

    /// One that reads on and on for so long has, too; this is its work.
    private static final long BOOT_MILLIS_MAX = 300_000;

    /// Waiting is told in parts of this, since each is written down.
    private static final long TELL_MILLIS = 5000;

    private final LeaseTools tools;
    private final LeaseOffered offer;
    private volatile @Nullable GuestImage image;
    private long toldMillis;
    private boolean cameUp;

    DiscWork(LeaseTools tools, LeaseOffered offer) {
        this.tools = tools;
        this.offer = offer;
    }

    /// Borrows the image and returns its file's digest.
    String borrow(Set<String> inUse, BiConsumer<Long, Long> progress)
            throws IOException, InterruptedException {
        GuestImage lent =
                tools.images()
                        .lend(
                                offer.lease().value(),
                                offer.image(),
                                offer.imageKey(),
                                tools.source(),
                                inUse,
                                progress);
        image = lent;
        toldMillis = status().map(StreamStatus::waitedMillis).orElse(0L);
        int needed = lent.manifest().memoryMib();
        if (needed > offer.size().memoryMebibytes()) {
            throw new RejectedImageException(
                    "the image needs "
                            + needed
                            + " MiB of memory; the slot of lease "
                            + offer.lease()
                            + " has "
                            + offer.size().memoryMebibytes());
        }
        requireRoom(lent.manifest());
        return lent.manifest().sha256().toString();
    }

    /// A disk grows on the guest's scratch disk, which must not be smaller.
    private void requireRoom(Manifest manifest) throws RejectedImageException {
        long offeredMebibytes = offer.size().diskMebibytes();
        if (manifest.medium() == Medium.DISK && manifest.sizeBytes() > offeredMebibytes << 20) {
            throw new RejectedImageException(
                    "the image is a disk of "
                            + ((manifest.sizeBytes() + (1 << 20) - 1) >> 20)
                            + " MiB, which the machine's own must hold; the slot of lease "
                            + offer.lease()
                            + " has a disk of "
                            + offeredMebibytes
                            + " MiB");
        }
    }

    /// Serves the disc again to a guest that an earlier run of this program made.
    void resume(String digest) throws IOException {
        if (image != null) {
            return;
        }
        try {
            image =
                    tools.images()
                            .resume(
                                    offer.lease().value(),
                                    digest,
                                    offer.image(),
                                    offer.imageKey(),
                                    tools.source())
                            .orElse(null);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("serving the image again was stopped", stop);
        }
    }

    /// What is put into the guest's drive.
    Disc forGuest() {
        Disc disc = served();
        GuestImage lent = image;
        return lent != null && lent.manifest().medium() == Medium.DISK
                ? new Disc.Under(disc)
                : disc;
    }

    /// What starts the guest: a BIOS where its image can start so, as that takes less memory.
    BootMode firmware() {
        GuestImage lent = image;
        return lent == null || lent.manifest().bootModes().contains(BootMode.BIOS)
                ? BootMode.BIOS
                : BootMode.UEFI;
    }

    private Disc served() {
        return switch (image) {
            case GuestImage.Whole whole -> new Disc.File(whole.image().file());
            case GuestImage.Streamed streamed ->
                    new Disc.Served(streamed.socket(), NbdServer.EXPORT);
            case null -> throw new IllegalStateException("there is no image for the guest");
        };
    }

    /// How far a disc has come that isn't here as a whole. Any thread.
    Optional<StreamStatus> status() {
        return image instanceof GuestImage.Streamed streamed
                ? Optional.of(streamed.image().status())
                : Optional.empty();
    }

    /// Whether the guest waits for its disc now.
    boolean isAwaited() {
        return status().filter(StreamStatus::waiting).isPresent();
    }

    /// Looks at the disc of a guest that runs.
    Event look(LeaseState state, long nowMillis) throws IOException {
        if (!(image instanceof GuestImage.Streamed streamed)) {
            return new Event.DiscAwaited(0);
        }
        Optional<String> fault = streamed.image().fault();
        if (fault.isPresent()) {
            return new Event.DiscLost(fault.get());
        }
        cameUp |= state.stage() == Stage.ON_NETWORK;
        if (cameUp
                && (streamed.image().quietMillis() > QUIET_MILLIS
                        || nowMillis - state.runningSinceMillis() > BOOT_MILLIS_MAX)) {
            streamed.image().booted();
        }
        long awaitedMillis = streamed.image().status().waitedMillis() - toldMillis;
        if (awaitedMillis < TELL_MILLIS) {
            return new Event.DiscAwaited(0);
        }
        toldMillis += awaitedMillis;
        return new Event.DiscAwaited(awaitedMillis);
    }

    /// How far the disc of a guest that starts has come, for the coordinator.
    Optional<LeaseProgress> progress(LeaseState state) {
        return status().filter(_ -> state.stage() != Stage.ON_NETWORK)
                .map(disc ->
                        new LeaseProgress(
                                state.progress().phase(), disc.presentBytes(), disc.totalBytes()));
    }

    /// Gives the image back. Again and again if need be.
    void release() throws IOException {
        if (cameUp && image instanceof GuestImage.Streamed streamed) {
            streamed.image().booted();
        }
        image = null;
        try {
            tools.images().release(offer.lease().value());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
