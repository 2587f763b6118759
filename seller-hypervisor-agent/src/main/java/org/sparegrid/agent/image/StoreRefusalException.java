// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;

/// The store gave an answer that won't be another one the next time.
public final class StoreRefusalException extends IOException {
    private static final long serialVersionUID = 1;

    /// @param message what was asked for and what came
    public StoreRefusalException(String message) {
        super(message);
    }
}
