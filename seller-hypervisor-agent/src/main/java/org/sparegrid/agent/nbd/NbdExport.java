// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

/// What is served: bytes that can be read and never change. Any thread may call.
public interface NbdExport {
    /// How long it is.
    long sizeBytes();

    /// Fills what remains of `into` with the bytes from `offsetBytes` on; may wait for long.
    ///
    /// @param offsetBytes at which, together with what remains, the export doesn't end
    /// @throws IOException if they can't be had; the guest is told of an error of its disk
    void read(ByteBuffer into, long offsetBytes) throws IOException, InterruptedException;
}
