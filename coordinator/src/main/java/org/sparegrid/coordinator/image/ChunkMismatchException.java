// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.image;

/// Bytes that are not those that their name says, or too many of them.
public final class ChunkMismatchException extends Exception {
    private static final long serialVersionUID = 1;

    ChunkMismatchException(String message) {
        super(message, null, false, false);
    }
}
