// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.quote;

import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.Octets;

/// What a quote has to be.
///
/// @param key the key that signs, known to be in a real TPM or about to be shown to be
/// @param hierarchy where the key is a primary key
/// @param qualifyingData what the asker gave, one nonce included
/// @param selection the registers, of a bank better than SHA-1
/// @param clock what the clock has to show
public record QuoteExpectation(
        PublicArea key,
        Hierarchy hierarchy,
        Octets qualifyingData,
        PcrSelection selection,
        ClockRule clock) {
    /// Refuses questions whose answer proves nothing.
    public QuoteExpectation {
        if (selection.bank() == HashAlgorithm.SHA1) {
            throw new IllegalArgumentException("selection: expected a bank better than SHA-1");
        }
        if (qualifyingData.length() < 16) {
            throw new IllegalArgumentException(
                    "qualifying data: expected at least 16 bytes, got " + qualifyingData.length());
        }
    }
}
