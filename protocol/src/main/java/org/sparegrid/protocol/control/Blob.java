// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.util.Arrays;

/// Immutable bytes in a message; at most {@value #LENGTH_MAX_BYTES}.
public final class Blob {
    /// What fits into one message beside its other fields.
    public static final int LENGTH_MAX_BYTES = 65_536;

    private final byte[] bytes;

    /// Copies the bytes.
    public Blob(byte[] bytes) {
        if (bytes.length > LENGTH_MAX_BYTES) {
            throw new IllegalArgumentException(
                    "bytes: expected at most " + LENGTH_MAX_BYTES + ", got " + bytes.length);
        }
        this.bytes = bytes.clone();
    }

    /// A copy of the bytes.
    public byte[] toBytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Blob blob && Arrays.equals(bytes, blob.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
