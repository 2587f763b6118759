// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

/// A release is malformed, is not what its maker signed, or can't be used here. Nothing changed.
public final class ReleaseException extends Exception {
    private static final long serialVersionUID = 1;

    /// Says why.
    public ReleaseException(String message) {
        super(message, null, false, false);
    }
}
