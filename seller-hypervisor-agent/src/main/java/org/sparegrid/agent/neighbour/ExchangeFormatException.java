// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.IOException;

/// A neighbour sent something that is not as specified.
final class ExchangeFormatException extends IOException {
    private static final long serialVersionUID = 1;

    ExchangeFormatException(String message) {
        super(message);
    }

    /// Made without a stack trace: whoever calls may make many.
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
