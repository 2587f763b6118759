// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.Octets;

/// A key outside of its TPM, which alone can load it again under the same parent.
///
/// @param wrapped the private part, encrypted by the TPM
/// @param area the public part
public record WrappedKey(Octets wrapped, PublicArea area) {}
