// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import org.sparegrid.protocol.control.CoordinatorMessage.StreamWanted;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// Carries the bytes of connections between guests and the coordinator.
@FunctionalInterface
public interface Streams {
    /// Connects to a guest.
    @FunctionalInterface
    interface Dial {
        /// Waits until the guest answers.
        ///
        /// @throws IOException if it does not
        TcpConnection connect() throws IOException;
    }

    /// Begins to carry a connection, or tells the coordinator why not. It never waits.
    void open(StreamWanted wanted, Dial dial);
}
