// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseState;

/// The parts of a machine's start as people see them.
enum StartPhase {
    MATCH,
    FETCH,
    BOOT,
    NETWORK,
    READY,
    DONE;

    /// The part that follows.
    StartPhase next() {
        return switch (this) {
            case MATCH -> FETCH;
            case FETCH -> BOOT;
            case BOOT -> NETWORK;
            case NETWORK -> READY;
            case READY, DONE -> DONE;
        };
    }

    /// The part that a machine is in now.
    ///
    /// @param answers whether its ssh has answered
    static StartPhase of(Lease lease, boolean answers) {
        if (answers) {
            return DONE;
        }
        LeaseState state = lease.state();
        if (state == LeaseState.RUNNING) {
            return READY;
        }
        if (state.compareTo(LeaseState.STARTING) < 0) {
            return MATCH;
        }
        return switch (lease.progress().phase()) {
            case MATCHED, FETCHING -> FETCH;
            case BOOTING -> BOOT;
            case BOOTED -> NETWORK;
            case ON_NETWORK -> READY;
        };
    }
}
