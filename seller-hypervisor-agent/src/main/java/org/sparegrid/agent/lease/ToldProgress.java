// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.market.LeaseProgress;

/// How far a lease has come, as the coordinator was told last. Any thread.
final class ToldProgress {
    private final Outbox outbox;
    private final LeaseId lease;
    private LeaseProgress told;

    ToldProgress(Outbox outbox, LeaseRecord lease) {
        this.outbox = outbox;
        this.lease = lease.id();
        this.told = lease.state().progress();
    }

    synchronized LeaseProgress told() {
        return told;
    }

    /// Tells of a step forward, and of a fetch only each hundredth.
    synchronized void advance(LeaseProgress now) {
        boolean samePhase = now.phase() == told.phase();
        boolean small =
                samePhase
                        && now.done() < now.total()
                        && now.done() - told.done() < now.total() / 100;
        if (!small && (!samePhase || now.done() > told.done())) {
            tell(now);
        }
    }

    /// Tells how much of a running machine runs.
    synchronized void pace(LeaseState state) {
        LeaseProgress now = state.progress();
        if (state.isRunning() && !now.equals(told)) {
            tell(now);
        }
    }

    private void tell(LeaseProgress now) {
        told = now;
        outbox.send(new AgentMessage.Progress(lease, now));
    }
}
