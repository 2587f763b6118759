// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.identity;

import java.io.IOException;

/// This computer has no coordinator yet.
public final class NotJoinedException extends IOException {
    private static final long serialVersionUID = 1;

    /// Says what to do.
    public NotJoinedException() {
        super(
                "this computer has not joined a coordinator; get a token there and run"
                        + " 'sparegrid-agent join TOKEN'");
    }
}
