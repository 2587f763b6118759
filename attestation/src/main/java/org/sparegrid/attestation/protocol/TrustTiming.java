// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.time.Duration;

/// How fresh trust has to be.
///
/// @param answer how long an agent may take to open the secret
/// @param again how long after a quote the next one is asked for
/// @param silenceMax how long after a quote trust ends without another
public record TrustTiming(Duration answer, Duration again, Duration silenceMax) {
    /// What a policy without times of its own means.
    public static final TrustTiming DEFAULT =
            new TrustTiming(Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ofMinutes(10));

    /// Refuses times in another order.
    public TrustTiming {
        if (!answer.isPositive() || !again.isPositive() || silenceMax.compareTo(again) <= 0) {
            throw new IllegalArgumentException(
                    "trust timing: expected positive times, and silence longer than again");
        }
    }
}
