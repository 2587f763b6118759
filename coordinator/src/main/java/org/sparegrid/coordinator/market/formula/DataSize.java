// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

/// An amount of data.
///
/// @param bytes 0 or more
public record DataSize(long bytes) {
    private static final double BYTES_PER_GIGABYTE = 1e9;

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("data: expected 0 bytes or more, got " + bytes);
        }
    }

    public double gigabytes() {
        return bytes / BYTES_PER_GIGABYTE;
    }

    public DataSize plus(DataSize other) {
        return new DataSize(Math.addExact(bytes, other.bytes));
    }
}
