// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.StreamId;

/// Streams to port 22 of machines, through the agents of their sellers.
public interface Streams {
    /// Connects to a machine of the account and waits until it answers.
    ///
    /// @throws RefusedException if it can't be reached
    GuestStream open(AccountId account, LeaseId lease)
            throws RefusedException, InterruptedException;

    /// An agent brings a stream. It never waits.
    ///
    /// @return false if nobody waits for it
    boolean brought(SellerId seller, StreamId stream, GuestStream carrier);
}
