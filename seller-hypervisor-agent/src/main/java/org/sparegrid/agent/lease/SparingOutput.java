// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// Passes a guest's state on no faster than the owner lets guests write, and gives up once the
/// owner needs the computer or it took too long. The guest stands still meanwhile.
final class SparingOutput extends OutputStream {
    /// How long a guest stands still at most.
    static final long MILLIS_MAX = 60_000;

    /// What is passed on between two looks at the limits, in bytes.
    private static final int PART_BYTES = 1 << 16;

    /// How long it rests before it looks again, at most.
    private static final long REST_MILLIS_MAX = 100;

    private final OutputStream out;
    private final Leave leave;
    private final LongSupplier clock;
    private final LongConsumer rest;
    private final long beganMillis;

    /// When all that was written so far may have been written, by the limit.
    private long fairMicros;

    /// Whether saving may go on, and how fast.
    interface Leave {
        /// Bytes a second, 0 for no limit.
        ///
        /// @throws IOException if it may not go on, with the reason
        long bytesPerSecond() throws IOException;
    }

    /// @param clock milliseconds
    /// @param rest waits for so many milliseconds
    SparingOutput(OutputStream out, Leave leave, LongSupplier clock, LongConsumer rest) {
        this.out = out;
        this.leave = leave;
        this.clock = clock;
        this.rest = rest;
        this.beganMillis = clock.getAsLong();
        this.fairMicros = beganMillis * 1000;
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int end = offset + length;
        for (int at = offset; at < end; at += PART_BYTES) {
            int part = Math.min(PART_BYTES, end - at);
            await(part);
            out.write(bytes, at, part);
        }
    }

    /// Waits until the next part may be written.
    private void await(int part) throws IOException {
        while (true) {
            long now = clock.getAsLong();
            long rate = leave.bytesPerSecond();
            if (now - beganMillis > MILLIS_MAX) {
                throw new IOException("not saved within " + MILLIS_MAX / 1000 + " s");
            }
            if (rate == 0) {
                fairMicros = now * 1000;
                return;
            }
            if (fairMicros <= now * 1000) {
                long rested = (now - REST_MILLIS_MAX) * 1000;
                fairMicros = Math.max(fairMicros, rested) + part * 1_000_000L / rate;
                return;
            }
            rest.accept(Math.min(REST_MILLIS_MAX, fairMicros / 1000 - now + 1));
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }
}
