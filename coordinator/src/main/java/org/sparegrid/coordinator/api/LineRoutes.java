// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.sparegrid.coordinator.limit.RateLimit;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;

/// Lets sellers' computers measure their line: bytes without meaning, to them or from them.
final class LineRoutes {
    /// The most that one request moves.
    private static final int BYTES_MAX = 512 << 10;

    /// A benchmark makes 48 requests, and there are a few a day.
    private static final int REQUESTS_AT_ONCE = 200;

    private static final int REQUESTS_PER_MINUTE = 2;

    private final RateLimit limit = new RateLimit(REQUESTS_AT_ONCE, REQUESTS_PER_MINUTE);
    private final byte[] noise = new byte[BYTES_MAX];

    LineRoutes() {
        new Random().nextBytes(noise); // nothing between can pack it; it is no secret
    }

    /// The operations by their `operationId`.
    Map<String, RestRoutes.Route> all() {
        return Map.of("receiveLine", this::receive, "sendLine", this::send);
    }

    private Answer receive(Call call) throws RefusedException {
        admit(call);
        return Answer.octets(Arrays.copyOf(noise, (int) call.number("bytes", BYTES_MAX)));
    }

    private Answer send(Call call) throws RefusedException {
        admit(call);
        call.bytes(BYTES_MAX);
        return Answer.done();
    }

    private void admit(Call call) throws RefusedException {
        if (!(call.caller() instanceof Caller.Agent(var seller))) {
            throw new RefusedException(
                    Reason.FORBIDDEN, "only sellers' computers measure their line here");
        }
        int seconds = limit.waitSeconds(seller.value(), System.nanoTime());
        if (seconds > 0) {
            throw RefusedException.tooMany("the line was measured often enough", seconds);
        }
    }
}
