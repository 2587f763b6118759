// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.Octets;

/// The digest of conditions, computed as a TPM computes it while a session notes them.
///
/// Source: TPM 2.0 library, part 3, chapter 23.
///
/// @param hash hash of the policy, which is the nameAlg of the key that has it
/// @param value the digest so far
public record PolicyDigest(HashAlgorithm hash, Octets value) {
    /// TPM_CC_ActivateCredential.
    public static final int ACTIVATE_CREDENTIAL = 0x147;

    private static final int POLICY_COMMAND_CODE = 0x16c;
    private static final int POLICY_PCR = 0x17f;

    /// No condition yet.
    public static PolicyDigest start(HashAlgorithm hash) {
        return new PolicyDigest(hash, Octets.repeated(0, hash.lengthBytes()));
    }

    /// And the registers have these values.
    public PolicyDigest andRegisters(PcrValues values) {
        return and(
                new ByteWriter()
                        .u32(POLICY_PCR)
                        .bytes(values.selection().toListBytes())
                        .bytes(values.digest(hash).toBytes())
                        .toBytes());
    }

    /// And the command has this code.
    public PolicyDigest andCommand(int commandCode) {
        return and(new ByteWriter().u32(POLICY_COMMAND_CODE).u32(commandCode).toBytes());
    }

    private PolicyDigest and(byte[] condition) {
        return new PolicyDigest(hash, Octets.of(hash.hash(value.toBytes(), condition)));
    }
}
