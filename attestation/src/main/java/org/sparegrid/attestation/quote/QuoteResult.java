// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.quote;

import org.sparegrid.attestation.tpm.Attestation;

/// What came of checking a quote.
public sealed interface QuoteResult {
    /// All that the quote says is true at the time of its nonce.
    record Accepted(Attestation attestation) implements QuoteResult {}

    /// The quote proves nothing.
    ///
    /// @param finding a sentence without a full stop
    record Refused(QuoteFault fault, String finding) implements QuoteResult {}
}
