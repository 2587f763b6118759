// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.Octets;

/// A key that a TPM has in its memory until it is flushed.
///
/// @param handle what the TPM calls it
/// @param area its public part
/// @param name its name
public record LoadedKey(long handle, PublicArea area, Octets name) {
    LoadedKey(long handle, PublicArea area) {
        this(handle, area, area.name());
    }
}
