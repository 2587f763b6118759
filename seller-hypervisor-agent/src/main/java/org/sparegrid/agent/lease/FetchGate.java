// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.lang.System.Logger.Level;

/// Lets a lease's thread be interrupted while it fetches, and never in what follows. Any thread.
final class FetchGate {
    private static final System.Logger LOG = System.getLogger(FetchGate.class.getName());

    private final Thread thread;
    private boolean open;

    /// @param thread the lease's
    FetchGate(Thread thread) {
        this.thread = thread;
    }

    /// The fetch begins. The lease's thread calls.
    synchronized void open() {
        open = true;
    }

    /// The fetch is over. The lease's thread calls.
    synchronized void close() {
        open = false;
        // What was meant for the fetch must not hit what follows it.
        boolean was = Thread.interrupted();
        LOG.log(Level.DEBUG, () -> "fetch over interrupted=" + was);
    }

    /// Ends the fetch, if there is one.
    synchronized void interrupt() {
        if (open) {
            thread.interrupt();
        }
    }
}
