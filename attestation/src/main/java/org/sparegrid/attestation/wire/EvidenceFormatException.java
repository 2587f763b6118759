// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.wire;

/// Bytes of evidence are not the structure they should be. Carries no stack trace.
public final class EvidenceFormatException extends Exception {
    private final String reason;

    /// Says what was expected, where, and what was found.
    public EvidenceFormatException(String message) {
        super(message, null, false, false);
        this.reason = message;
    }

    /// The message, which is never missing.
    public String reason() {
        return reason;
    }
}
