// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.session;

import java.io.Serial;

/// An agent doesn't keep to the protocol; its session must end.
public final class SessionException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    /// Says what was expected and what came.
    public SessionException(String message) {
        super(message, null, false, false);
    }
}
