// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

/// How long to wait for an acknowledgment before sending again. Source: RFC 6298.
final class RetransmissionTimeout {
    /// Before the first measurement.
    static final long INITIAL_NANOS = 1_000_000_000L;

    /// Less than the second of the RFC, as in common systems; above their delayed acknowledgments.
    static final long MIN_NANOS = 200_000_000L;

    /// The longest wait, which the RFC asks to be at least this.
    static final long MAX_NANOS = 60_000_000_000L;

    private long smoothedNanos = -1;
    private long variationNanos;
    private long timeoutNanos = INITIAL_NANOS;
    private int backOffs;

    /// Takes the round trip of a segment that was sent once only (Karn's rule).
    void measured(long roundTripNanos) {
        if (smoothedNanos < 0) {
            smoothedNanos = roundTripNanos;
            variationNanos = roundTripNanos / 2;
        } else {
            long error = Math.abs(smoothedNanos - roundTripNanos);
            variationNanos = (3 * variationNanos + error) / 4;
            smoothedNanos = (7 * smoothedNanos + roundTripNanos) / 8;
        }
        timeoutNanos = Math.clamp(smoothedNanos + 4 * variationNanos, MIN_NANOS, MAX_NANOS);
    }

    /// Doubles the wait.
    void backOff() {
        backOffs++;
    }

    /// Ends the doubling, when something new was acknowledged.
    void progressed() {
        backOffs = 0;
    }

    /// How often in a row the wait was doubled.
    int backOffs() {
        return backOffs;
    }

    /// The wait to use now.
    long nanos() {
        return Math.min(timeoutNanos << Math.min(backOffs, 10), MAX_NANOS);
    }
}
