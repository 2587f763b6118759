// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.identity;

import java.io.IOException;

/// The coordinator doesn't accept who we are.
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    /// Says why.
    public RefusedException(String message) {
        super(message);
    }
}
