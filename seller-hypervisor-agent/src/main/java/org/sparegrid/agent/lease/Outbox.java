// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import org.sparegrid.protocol.control.AgentMessage;

/// Takes messages for the coordinator and delivers them once it is there.
public interface Outbox {
    /// Takes a message; any thread may call, and none waits.
    void send(AgentMessage message);

    /// Takes a message and tells when the coordinator acted on it. If that is never told, the
    /// session began anew and the message is to be sent again.
    void send(AgentMessage message, Runnable acknowledged);
}
