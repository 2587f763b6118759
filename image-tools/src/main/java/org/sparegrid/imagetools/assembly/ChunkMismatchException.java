// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.assembly;

import java.io.IOException;

/// A source gave bytes that are not the chunk it was asked for; no byte of them was used.
public final class ChunkMismatchException extends IOException {
    private static final long serialVersionUID = 1;

    ChunkMismatchException(String message) {
        super(message);
    }
}
