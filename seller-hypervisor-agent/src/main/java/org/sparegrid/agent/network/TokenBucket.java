// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

/// How much may pass in a time. Any thread may call.
public final class TokenBucket {
    /// What may pass at once after a rest, in nanoseconds of the rate.
    private static final long BURST_NANOS = 100_000_000;

    /// A frame must fit in at any rate, in bytes.
    private static final double BURST_BYTES_MIN = 16_384;

    private double bytesPerNano;
    private double tokens;
    private long lastNanos;

    /// Another rate from now on.
    ///
    /// @param bitsPerSecond 0 for no limit
    public synchronized void rate(long bitsPerSecond, long nowNanos) {
        fill(nowNanos);
        bytesPerNano = bitsPerSecond / 8e9;
        tokens = Math.min(tokens, burst());
        lastNanos = nowNanos;
    }

    /// Takes the bytes if they may pass now.
    public synchronized boolean take(int bytes, long nowNanos) {
        fill(nowNanos);
        if (bytesPerNano == 0 || tokens >= bytes) {
            tokens -= bytes;
            return true;
        }
        return false;
    }

    /// Takes the bytes in advance, and says how long to wait before they may pass, in nanoseconds.
    synchronized long reserve(int bytes, long nowNanos) {
        fill(nowNanos);
        tokens -= bytes;
        return bytesPerNano == 0 || tokens >= 0 ? 0 : (long) (-tokens / bytesPerNano);
    }

    private void fill(long nowNanos) {
        tokens =
                bytesPerNano == 0
                        ? 0
                        : Math.min(burst(), tokens + (nowNanos - lastNanos) * bytesPerNano);
        lastNanos = nowNanos;
    }

    private double burst() {
        return Math.max(BURST_BYTES_MIN, bytesPerNano * BURST_NANOS);
    }
}
