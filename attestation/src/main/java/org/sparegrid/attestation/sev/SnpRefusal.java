// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

/// Why a report or its key is not believed.
///
/// @param reason a sentence without a full stop
public record SnpRefusal(Code code, String reason) {
    /// The kinds of refusal.
    public enum Code {
        /// The report or an extension of the certificate is not as specified.
        FORMAT,
        /// The certificate does not lead to AMD's root for the product.
        CHAIN,
        /// The report is not signed by the key.
        SIGNATURE,
        /// The report and the certificate speak of different kinds of key, chips or products.
        WRONG_KEY,
        /// The key is bound to other firmware versions than the report states.
        TCB
    }
}
