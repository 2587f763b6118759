// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.Closeable;
import java.io.IOException;

/// A way to a TPM that takes one command at a time. One thread uses it.
public interface TpmConnection extends Closeable {
    /// Longest command or response that a TPM of a PC takes.
    int MESSAGE_LENGTH_MAX = 4096;

    /// Sends a command and waits for its response.
    ///
    /// @param command header and body
    /// @return header and body
    byte[] transmit(byte[] command) throws IOException;
}
