// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.nio.ByteBuffer;
import java.time.Instant;

/// Makes the timestamps of initiations, each greater than the one before.
///
/// Source: TAI64N, with the offset of 1970 and without leap seconds, as other implementations do.
public final class TimestampSource {
    private static final long EPOCH = 0x4000_0000_0000_000aL;

    private final Instant start;
    private Instant last = Instant.MIN;

    /// @param start wall-clock time at which the steady clock shows zero
    public TimestampSource(Instant start) {
        this.start = start;
    }

    /// 12 bytes for the time that the steady clock shows.
    byte[] next(long nowNanos) {
        Instant now = start.plusNanos(nowNanos);
        last = now.isAfter(last) ? now : last.plusNanos(1);
        return ByteBuffer.allocate(12)
                .putLong(EPOCH + last.getEpochSecond())
                .putInt(last.getNano())
                .array();
    }
}
