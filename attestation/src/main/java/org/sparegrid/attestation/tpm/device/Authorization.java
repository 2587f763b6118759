// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

/// Why a TPM should do what a command says.
sealed interface Authorization {
    /// The empty password, which the endorsement and owner hierarchies of a seller's machine have.
    record EmptyPassword() implements Authorization {}

    /// Conditions that a session has noted; the session ends with the command.
    record Policy(PolicySession session) implements Authorization {}

    /// No authorization of its own: encrypts the first parameter of command and response.
    record Encryption(EncryptionSession session) implements Authorization {}
}
