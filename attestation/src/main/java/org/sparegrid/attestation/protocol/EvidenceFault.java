// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import org.sparegrid.attestation.quote.QuoteFault;

/// Why evidence is not believed, or why trust that was given is taken back. The names are what
/// other programs and documents use.
public enum EvidenceFault {
    /// Bytes of the evidence are not as specified.
    FORMAT,
    /// The evidence is of another lease.
    LEASE_MISMATCH,
    /// The evidence is of another image.
    IMAGE_MISMATCH,
    /// The evidence is of a machine of another configuration.
    VMCONFIG_MISMATCH,
    /// The agent used another policy or another end of the overlay.
    TERMS_MISMATCH,
    /// The endorsement key is not the one of the certificate that was believed.
    EK_KEY_MISMATCH,
    /// The endorsement key is not made from a template that vendors certify.
    EK_TEMPLATE,
    /// The lease's key is not of the kind that quotes and opens secrets as promised.
    AK_ATTRIBUTES,
    /// The lease's key is bound to other registers, or to other values than were quoted.
    AK_POLICY,
    /// The secret could not be opened: the two keys are not in one TPM, or the state has changed.
    CREDENTIAL_FAILED,
    /// The nonce was never given out.
    NONCE_UNKNOWN,
    /// The evidence took too long.
    NONCE_EXPIRED,
    /// The evidence has been shown before.
    NONCE_REUSED,
    /// The quote or its signature is malformed.
    QUOTE_FORMAT,
    /// The TPM did not make what the key signed.
    QUOTE_MAGIC,
    /// The TPM made something else than a quote.
    QUOTE_TYPE,
    /// The signature is not of the lease's key.
    QUOTE_SIGNATURE,
    /// The quote was made for something else.
    QUOTE_BINDING,
    /// The key is not a primary key of the endorsement hierarchy.
    QUOTE_SIGNER,
    /// The quote covers other registers.
    PCR_SELECTION,
    /// A register that software resets was asked for.
    PCR_RESETTABLE,
    /// The values are not those that were quoted.
    PCR_DIGEST,
    /// A register has not the value that the policy wants.
    PCR_POLICY,
    /// There is no boot log.
    EVENTLOG_MISSING,
    /// The boot log does not lead to the quoted values.
    EVENTLOG_REPLAY,
    /// The lease log does not lead to the quoted value.
    LEASELOG_REPLAY,
    /// The machine is not in the lease log.
    LEASELOG_MISSING,
    /// The machine was started twice: somebody else has one of the same key.
    LEASELOG_DUPLICATE,
    /// The machine ended already.
    LEASELOG_ENDED,
    /// More machines run on the computer than the buyer wants.
    LEASELOG_CROWDED,
    /// The TPM was reset, restarted or restored, or its clock was set back.
    CLOCK_RESET,
    /// The agent did not show in time that all is as before.
    REATTEST_TIMEOUT;

    static EvidenceFault of(QuoteFault fault) {
        return switch (fault) {
            case KEY_ATTRIBUTES -> AK_ATTRIBUTES;
            case FORMAT -> QUOTE_FORMAT;
            case MAGIC -> QUOTE_MAGIC;
            case TYPE -> QUOTE_TYPE;
            case SIGNATURE -> QUOTE_SIGNATURE;
            case SIGNER -> QUOTE_SIGNER;
            case BINDING -> QUOTE_BINDING;
            case SELECTION -> PCR_SELECTION;
            case RESETTABLE -> PCR_RESETTABLE;
            case VALUES -> PCR_DIGEST;
            case CLOCK -> CLOCK_RESET;
        };
    }
}
