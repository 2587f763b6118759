// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import java.io.IOException;

/// A client said what the protocol doesn't allow; its connection is closed.
final class NbdFormatException extends IOException {
    private static final long serialVersionUID = 1;

    NbdFormatException(String message) {
        super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
