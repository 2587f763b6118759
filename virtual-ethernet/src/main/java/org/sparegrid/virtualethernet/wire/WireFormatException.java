// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

/// Bytes from outside are not the message they should be. Carries no stack trace.
public final class WireFormatException extends Exception {
    /// Says what was expected, where, and what was found.
    public WireFormatException(String message) {
        super(message, null, false, false);
    }
}
