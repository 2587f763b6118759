// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say when an order's machines are to start.
final class StartOptions {
    private static final Duration RESERVED_WAIT = Duration.ofMinutes(10);

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            converter = Units.SpanReader.class,
            description =
                    "How long to wait for machines that can't be had at once; needs --max-price.")
    private @Nullable Duration wait;

    @Option(
            names = "--start-after",
            paramLabel = "WHEN",
            converter = Units.WhenReader.class,
            description = {
                "Not before then: 22:00, 2026-12-24T18:00 or 6h from now. Its machines are taken",
                "then, of what is on offer; needs --start-before or --wait."
            })
    private Units.@Nullable When after;

    @Option(
            names = "--start-before",
            paramLabel = "WHEN",
            converter = Units.WhenReader.class,
            description = {
                "Wait for machines until then; an order that has not started is closed and its",
                "money comes back. Instead of --wait."
            })
    private Units.@Nullable When before;

    /// When the order may start.
    ///
    /// @param after how long from now on it may not
    /// @param waiting how long it waits for machines from then on
    record Window(Duration after, Duration waiting) {}

    /// @param reserved whether the machines are bound before; then it waits ten minutes for others
    ///   in their place unless it's told how long
    Window window(Clock clock, boolean reserved) throws Failure {
        Instant now = clock.instant();
        Instant opens = after == null ? now : after.next(now, clock.getZone());
        if (after != null && !opens.isAfter(now)) {
            throw new Failure(ExitCode.USAGE, "--start-after is over already");
        }
        Duration until = Duration.between(now, opens);
        if (before == null) {
            if (after != null && wait == null && reserved) {
                return new Window(until, RESERVED_WAIT);
            }
            if (after != null && wait == null) {
                throw new Failure(
                        ExitCode.USAGE,
                        "--start-after needs --start-before, or --wait: how long from then on to"
                                + " wait for machines");
            }
            return new Window(until, wait == null ? Duration.ZERO : wait);
        }
        if (wait != null) {
            throw new Failure(ExitCode.USAGE, "give either --wait or --start-before");
        }
        Instant closes = before.next(before.isSpan() ? now : opens, clock.getZone());
        if (!closes.isAfter(opens)) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--start-before is "
                            + (after == null ? "over already" : "not after --start-after"));
        }
        return new Window(until, Duration.between(opens, closes));
    }
}
