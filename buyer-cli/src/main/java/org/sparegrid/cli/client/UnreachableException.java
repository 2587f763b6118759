// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.client;

import java.io.IOException;

/// The coordinator can't be reached, or isn't the one that was pinned.
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1;

    public UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
