// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.frame;

/// A frame contradicts itself. Carries no stack trace.
public final class FrameFormatException extends Exception {
    /// Says what was expected, where, and what was found.
    public FrameFormatException(String message) {
        super(message, null, false, false);
    }
}
