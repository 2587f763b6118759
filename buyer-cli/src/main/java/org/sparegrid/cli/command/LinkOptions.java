// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads what is said of the network between machines.
final class LinkOptions {
    private static final Pattern MILLIS = Pattern.compile("([0-9]{1,5})ms");
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,2}([.][0-9]{1,3})?)%?");

    /// More than to a satellite and back twice.
    private static final int MILLIS_MAX = 2000;

    private LinkOptions() {}

    static Duration roundTrip(String text) throws Failure {
        Matcher matcher = MILLIS.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > MILLIS_MAX) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--rtt: expected 0ms to " + MILLIS_MAX + "ms, such as 80ms, got " + text);
        }
        return Duration.ofMillis(Integer.parseInt(matcher.group(1)));
    }

    /// The chance, from 0 to 1.
    static double loss(String text) throws Failure {
        Matcher matcher = PERCENT.matcher(text);
        if (!matcher.matches()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--loss: expected less than 100 percent, such as 1%, got " + text);
        }
        return Double.parseDouble(matcher.group(1)) / 100;
    }
}
