// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

/// Why a quote, or the collateral beside it, is not believed.
///
/// @param reason a sentence without a full stop
public record TdxRefusal(Code code, String reason) {
    /// The kinds of refusal.
    public enum Code {
        /// The quote, an extension or the collateral is not as specified.
        FORMAT,
        /// The certificates do not lead to Intel's root.
        CHAIN,
        /// The quote is not signed by its attestation key.
        SIGNATURE,
        /// The quoting enclave's report is not signed by the platform's key.
        ENCLAVE_SIGNATURE,
        /// The attestation key is not the one the quoting enclave made.
        KEY_BINDING,
        /// The collateral is not signed by Intel.
        COLLATERAL_SIGNATURE,
        /// The collateral is of another time than the one asked for.
        COLLATERAL_STALE,
        /// The collateral is of another platform.
        COLLATERAL_MISMATCH,
        /// The quoting enclave is not Intel's.
        ENCLAVE_IDENTITY,
        /// The TDX module is not one that Intel names.
        MODULE_IDENTITY,
        /// The platform is below every level that Intel names.
        TCB
    }
}
