// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

/// A session in which a TPM notes the conditions that were met.
///
/// It ends with the command that it authorizes, or by being flushed.
///
/// @param handle what the TPM calls it
public record PolicySession(long handle) {}
