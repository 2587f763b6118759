// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.wire;

/// Bytes of evidence are not the structure they should be. Carries no stack trace.
public final class EvidenceFormatException extends Exception {
    /// Says what was expected, where, and what was found.
    public EvidenceFormatException(String message) {
        super(message, null, false, false);
    }
}
