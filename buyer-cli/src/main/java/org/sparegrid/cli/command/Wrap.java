// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.util.ArrayList;
import java.util.List;

/// Breaks long sentences into lines.
final class Wrap {
    private Wrap() {}

    /// The text in lines of at most `width` characters; later lines are indented by two.
    static List<String> lines(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line = new StringBuilder("  ");
            } else if (!line.isEmpty()) {
                line.append(' ');
            }
            line.append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
