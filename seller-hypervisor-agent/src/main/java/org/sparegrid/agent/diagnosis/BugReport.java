// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.diagnosis;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// What somebody who mends the agent must know of this computer, and nothing else.
///
/// @param sections in the order of reading
public record BugReport(List<Section> sections) {
    /// More lines of one section than help anybody.
    private static final int LINES_MAX = 1000;

    /// Longer lines are cut.
    private static final int LINE_CHARS_MAX = 2000;

    /// Copies the list.
    public BugReport {
        sections = List.copyOf(sections);
    }

    /// A part of the report.
    public record Section(String title, String text) {}

    /// The same without what tells who the owner is, and not longer than it may be.
    public BugReport with(Redaction redaction) {
        return new BugReport(
                sections.stream()
                        .map(part -> new Section(part.title(), redaction.apply(cut(part.text()))))
                        .toList());
    }

    /// The report for people.
    public String text() {
        StringBuilder text = new StringBuilder("sparegrid-agent bug report\n");
        for (Section section : sections) {
            text.append("\n== ").append(section.title()).append(" ==\n");
            text.append(section.text().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /// The report's bytes in a file.
    public byte[] toBytes() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    /// The end is where the trouble is.
    private static String cut(String text) {
        List<String> lines =
                text.lines()
                        .map(line ->
                                line.length() <= LINE_CHARS_MAX
                                        ? line
                                        : line.substring(0, LINE_CHARS_MAX) + "...")
                        .toList();
        return String.join(
                "\n", lines.subList(Math.max(0, lines.size() - LINES_MAX), lines.size()));
    }
}
