// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.linux.ThreadTime;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.meter.Meter;
import org.sparegrid.virtualethernet.port.ProcessorShare;

/// Drops what peers send to one machine, before it is decrypted, when it has cost as much of the
/// processor's time as it may: so no peer of one machine can take the time of all others, or of the
/// seller.
///
/// The thread of the UDP port works for many machines. What it uses for this one is measured in one
/// batch of sixteen and counted sixteenfold, so that looking at the clock costs nothing much.
final class Intake {
    private static final System.Logger LOG = System.getLogger(Intake.class.getName());

    /// One batch of so many is measured. Any number will do: peers do not see which.
    private static final int SAMPLED = 16;

    /// What a datagram costs that came by a relay's stream or by a further port, on their threads.
    private static final long OTHER_NANOS = 20_000;

    private final ProcessorShare share = new ProcessorShare();
    private final Meter meter;
    private @Nullable ThreadTime time;
    private long startNanos;
    private int batches;

    Intake(Meter meter) {
        this.meter = meter;
    }

    void limit(double ofOneProcessor) {
        share.set(ofOneProcessor);
    }

    /// Whether a batch may be taken now; [#end] is called then. Only on the thread of the UDP port.
    ///
    /// @param datagrams in it
    boolean begin(int datagrams, long nowNanos) {
        if (share.isUsedUp(nowNanos)) {
            meter.dropped(DropReason.NO_TIME, datagrams);
            return false;
        }
        startNanos = -1;
        if (share.isLimited() && batches++ % SAMPLED == 0) {
            startNanos = usedNanos();
        }
        return true;
    }

    /// The batch was taken.
    void end(long nowNanos) {
        if (startNanos >= 0) {
            share.use(SAMPLED * (usedNanos() - startNanos), nowNanos);
        }
    }

    /// Whether one datagram may be taken now; on any thread.
    boolean takesOther(long nowNanos) {
        if (share.isUsedUp(nowNanos)) {
            meter.dropped(DropReason.NO_TIME);
            return false;
        }
        share.use(OTHER_NANOS, nowNanos);
        return true;
    }

    private long usedNanos() {
        try {
            ThreadTime clock = time;
            if (clock == null) {
                clock = new ThreadTime();
                time = clock;
            }
            return clock.usedNanos();
        } catch (IOException impossible) {
            LOG.log(Level.ERROR, "the thread's clock cannot be read", impossible);
            return -1;
        }
    }
}
