// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.sparegrid.agent.checkpoint.CheckpointStore;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.market.Checkpoints;

/// When a lease's guest is saved, and whether it may come back from there. The lease's thread
/// calls, if nothing else is said.
final class CheckpointWork {
    private static final System.Logger LOG = System.getLogger(CheckpointWork.class.getName());

    /// A guest stands still for at most one part in so many of its time.
    private static final int PAUSE_PARTS = 20;

    /// What QEMU's own state takes besides memory and disk, in MiB; it is some.
    private static final long DEVICES_MEBIBYTES = 64;

    /// What is added for the headers of pages and the tables of the disk's file: one part in so
    /// many; it is less than half.
    private static final long HEADER_PARTS = 64;

    /// How often a guest comes back from one checkpoint before it counts as broken.
    private static final int RESTORES_MAX = 5;

    private final CheckpointStore store;
    private final LeaseId lease;
    private final long bytesMax;
    private final LongSupplier clock;
    private final LongConsumer rest;
    private volatile Checkpoints wanted = Checkpoints.NONE;
    private long dueMillis = -1;
    private int restores;

    /// @param rest waits for so many milliseconds
    CheckpointWork(CheckpointStore store, LeaseOffered offer, LongConsumer rest) {
        this.store = store;
        this.lease = offer.lease();
        this.clock = store.clock();
        this.rest = rest;
        long mebibytes = (long) offer.size().memoryMebibytes() + offer.size().diskMebibytes();
        this.bytesMax = (mebibytes + mebibytes / HEADER_PARTS + DEVICES_MEBIBYTES) << 20;
    }

    /// Takes the buyer's wish, and the key for it. Any thread.
    void want(Checkpoints checkpoints) {
        wanted = checkpoints;
    }

    /// Whether the guest is to be saved now: one at a time, and those that began together not one
    /// right after another.
    boolean isDue() {
        long everyMillis = wanted.everySeconds() * 1000;
        if (everyMillis == 0) {
            return false;
        }
        if (dueMillis < 0) {
            long share = Math.floorMod(lease.hashCode(), 512);
            dueMillis = clock.getAsLong() + everyMillis / 2 + everyMillis * share / 1024;
        }
        return clock.getAsLong() >= dueMillis && !store.isBusy();
    }

    /// Saves the guest, which stands still; if that fails, the checkpoint before holds. If another
    /// guest came first, it is due again at once.
    ///
    /// @param leave is asked all the time whether it may go on
    void take(SparingOutput.Leave leave, CheckpointStore.Saving state) {
        Checkpoints now = wanted;
        long began = clock.getAsLong();
        try {
            CheckpointStore.Saving sparing =
                    out -> state.write(new SparingOutput(out, leave, clock, rest));
            if (!store.save(lease, now.key(), bytesMax, sparing)) {
                return;
            }
            restores = 0;
            long bytes = store.bytes(lease);
            String what = " bytes=" + bytes + " millis=" + (clock.getAsLong() - began);
            LOG.log(Level.INFO, () -> "checkpoint taken lease=" + lease + what);
        } catch (IOException failed) {
            LOG.log(
                    Level.WARNING,
                    () -> "checkpoint not taken lease=" + lease + " cause=" + failed.getMessage());
        }
        long ended = clock.getAsLong();
        dueMillis = ended + Math.max(now.everySeconds() * 1000, PAUSE_PARTS * (ended - began));
    }

    /// Whether there is a checkpoint from which the guest can come back, now or once the key came.
    boolean mayRestore() {
        return restores < RESTORES_MAX && store.has(lease);
    }

    /// Whether the coordinator has told the key, which is on no disk here.
    boolean hasKey() {
        return wanted.areWanted();
    }

    /// Makes the guest again.
    <T> T restore(CheckpointStore.Reading<T> state) throws IOException {
        restores++;
        T guest = store.read(lease, wanted.key(), state);
        LOG.log(Level.INFO, () -> "checkpoint restored lease=" + lease);
        dueMillis = -1;
        return guest;
    }

    /// Removes the checkpoint.
    void remove() throws IOException {
        store.remove(lease);
    }
}
