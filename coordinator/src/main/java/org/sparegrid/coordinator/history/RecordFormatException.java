// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

/// Bytes are not what a market's record is made of. Carries no stack trace.
public final class RecordFormatException extends Exception {
    private final String reason;

    /// Says what was expected, where, and what was found.
    public RecordFormatException(String message) {
        super(message, null, false, false);
        this.reason = message;
    }

    /// The message, which is never missing.
    public String reason() {
        return reason;
    }
}
