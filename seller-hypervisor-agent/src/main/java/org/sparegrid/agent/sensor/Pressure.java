// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.sensor;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How much of the time programs wait for something. Source: Linux,
/// Documentation/accounting/psi.rst.
///
/// Only memory is asked: a waiting guest is a program that waits for processors or disks as well,
/// and would hold itself back.
final class Pressure {
    private static final Pattern FULL = Pattern.compile("full avg10=([0-9]{1,3})[.][0-9]+");

    private Pressure() {}

    /// The part of the last ten seconds in which all programs waited for memory, in percent.
    static int memoryPercent(Path proc) {
        Matcher full = FULL.matcher(HostFiles.text(proc.resolve("pressure/memory")).orElse(""));
        return full.find() ? Math.min(100, Integer.parseInt(full.group(1))) : 0;
    }
}
