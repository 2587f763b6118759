// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.quote;

import org.sparegrid.attestation.tpm.ClockInfo;

/// What the clock in a quote has to show.
public sealed interface ClockRule {
    /// The first quote of a lease: the clock may show anything, if only it is safe.
    record First() implements ClockRule {}

    /// A later quote: the TPM has run on since an earlier one.
    record Continues(ClockInfo since) implements ClockRule {}
}
