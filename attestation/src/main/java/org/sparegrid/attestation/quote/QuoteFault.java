// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.quote;

/// Why a quote is not believed.
public enum QuoteFault {
    /// The signing key is not one that a TPM would let sign nothing but its own words.
    KEY_ATTRIBUTES,
    /// The bytes are not a quote or not a signature.
    FORMAT,
    /// The signed bytes do not begin as only a TPM begins what it says of itself.
    MAGIC,
    /// The TPM said something else than a quote.
    TYPE,
    /// The signature is not of this key, or not in the scheme the key is fixed to.
    SIGNATURE,
    /// The key is not a primary key of the expected hierarchy.
    SIGNER,
    /// The quote was made for something else: another nonce, lease, image or key.
    BINDING,
    /// The quote covers other registers or another bank than was asked.
    SELECTION,
    /// A register that software may reset was asked for, which proves nothing.
    RESETTABLE,
    /// The values that came along are not those that were quoted.
    VALUES,
    /// The TPM was reset, restarted or restored, or its clock was set back.
    CLOCK
}
