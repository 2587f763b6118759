// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.io.IOException;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// Does what the coordinator says. Calls come one at a time, from a thread that may wait.
public interface SessionListener {
    /// What a new session begins with.
    AgentMessage.Inventory inventory() throws IOException;

    /// A new session began and has the inventory.
    void begun();

    /// Does what the message says; it counts as received once this returns.
    ///
    /// @throws IOException if it can't be done; the coordinator sends it again
    void handle(CoordinatorMessage message) throws IOException;
}
