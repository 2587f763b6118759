// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;

/// Asks why an order would get what it would get.
///
/// @param machines how many, 1 to 256
/// @param where what each of them must be, at most 30 terms
/// @param placement how they are spread, and whether they must be there all the time
/// @param secondsMax for how long, 0 to 2,678,400 (31 days)
/// @param megabytesPerHour what each is expected to send and receive, in 10^6 bytes; prices are
///   meant with the fee for that
public record ExplanationRequest(
        int machines, Query where, Placement placement, long secondsMax, int megabytesPerHour) {
    private static final int TERMS_MAX = 30;

    public ExplanationRequest {
        if (where.terms().size() > TERMS_MAX) {
            throw new IllegalArgumentException(
                    "where: expected at most " + TERMS_MAX + " terms, got " + where.terms().size());
        }
        if (secondsMax < 0 || secondsMax > 2_678_400) {
            throw new IllegalArgumentException(
                    "time: expected 0 to 2678400 seconds, got " + secondsMax);
        }
        if (megabytesPerHour < 0 || megabytesPerHour > OrderSpec.MEGABYTES_PER_HOUR_MAX) {
            throw new IllegalArgumentException(
                    "traffic: expected 0 to "
                            + OrderSpec.MEGABYTES_PER_HOUR_MAX
                            + " MB an hour, got "
                            + megabytesPerHour);
        }
        if (machines < 1 || machines > 256) {
            throw new IllegalArgumentException("machines: expected 1 to 256, got " + machines);
        }
    }
}
