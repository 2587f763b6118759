// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// A meter reading: running totals since the machine came up, which never decrease.
///
/// @param runMillis how long the machine ran
/// @param cpuNanos processor time it used
/// @param receivedBytes bytes of Ethernet frames the guest received
/// @param sentBytes bytes of Ethernet frames the guest sent
public record Usage(long runMillis, long cpuNanos, long receivedBytes, long sentBytes) {
    /// The reading of a machine that has not run.
    public static final Usage NONE = new Usage(0, 0, 0, 0);

    public Usage {
        if (runMillis < 0 || cpuNanos < 0 || receivedBytes < 0 || sentBytes < 0) {
            throw new IllegalArgumentException("usage: a reading is negative");
        }
    }

    /// Whether no total of this reading is below that of `earlier`.
    public boolean isAfter(Usage earlier) {
        return runMillis >= earlier.runMillis
                && cpuNanos >= earlier.cpuNanos
                && receivedBytes >= earlier.receivedBytes
                && sentBytes >= earlier.sentBytes;
    }
}
