// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

/// The versions of the protocols in this package.
public final class ProtocolVersion {
    /// The agent session; a coordinator refuses any other with a message that says which it speaks.
    public static final int AGENT_SESSION = 1;

    private ProtocolVersion() {}
}
