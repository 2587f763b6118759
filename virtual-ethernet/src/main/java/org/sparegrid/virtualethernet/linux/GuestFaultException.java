// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

/// A guest, or its QEMU, broke the rules by which it shares its memory with us.
public final class GuestFaultException extends Exception {
    private static final long serialVersionUID = 1;

    /// Says what, what was expected, and what was found.
    public GuestFaultException(String message) {
        super(message, null, false, false);
    }
}
