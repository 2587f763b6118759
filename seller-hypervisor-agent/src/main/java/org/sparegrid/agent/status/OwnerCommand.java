// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import org.sparegrid.protocol.VolumeId;

/// What the owner asks of the running agent. Each is answered with a [StatusReport], made after it
/// was obeyed.
///
/// On the socket it is one line: `report`, `pause SECONDS`, `resume`, `only-idle` or `drop-volume
/// VOLUME`.
public sealed interface OwnerCommand {
    /// The longest pause that ends by itself, in seconds: a year.
    long PAUSE_SECONDS_MAX = 365L * 86_400;

    /// How the line begins that removes a volume.
    String DROP_VOLUME = "drop-volume ";

    /// Nothing but the report.
    record Report() implements OwnerCommand {}

    /// Guests stand still.
    ///
    /// @param seconds for how long; 0 until [Resume]
    record Pause(long seconds) implements OwnerCommand {
        /// Checks the range.
        public Pause {
            if (seconds < 0 || seconds > PAUSE_SECONDS_MAX) {
                throw new IllegalArgumentException("pause: expected at most a year");
            }
        }
    }

    /// Only the settings hold again.
    record Resume() implements OwnerCommand {}

    /// Guests run only while nobody uses the computer.
    record OnlyIdle() implements OwnerCommand {}

    /// A buyer's volume is removed for good.
    record DropVolume(VolumeId volume) implements OwnerCommand {}

    /// The line that [#parse] reads.
    default String line() {
        return switch (this) {
            case Report _ -> "report";
            case Pause pause -> "pause " + pause.seconds();
            case Resume _ -> "resume";
            case OnlyIdle _ -> "only-idle";
            case DropVolume drop -> DROP_VOLUME + drop.volume();
        };
    }

    /// Reads a line.
    ///
    /// @throws IllegalArgumentException if it is none of ours
    static OwnerCommand parse(String line) {
        if (line.matches("pause [0-9]{1,9}")) {
            return new Pause(Long.parseLong(line.substring("pause ".length())));
        }
        if (line.startsWith(DROP_VOLUME)) {
            return new DropVolume(new VolumeId(line.substring(DROP_VOLUME.length())));
        }
        return switch (line) {
            case "report" -> new Report();
            case "resume" -> new Resume();
            case "only-idle" -> new OnlyIdle();
            default -> throw new IllegalArgumentException("there is no such command: " + line);
        };
    }
}
