// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.output;

import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where a command writes: results to `out`, everything else to `err`.
///
/// @param interactive whether a person sits there who can be asked and sees lines change
/// @param colour whether colours may be used
/// @param width how many columns a line may have
public record Terminal(
        PrintStream out, PrintStream err, boolean interactive, boolean colour, int width) {
    private static final int WIDTH_DEFAULT = 80;
    private static final int WIDTH_MIN = 40;
    private static final int WIDTH_MAX = 400;

    /// The terminal of this process.
    public static Terminal system(Map<String, String> environment) {
        Optional<Console> console = Optional.ofNullable(System.console());
        boolean person =
                console.filter(Console::isTerminal).isPresent()
                        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        boolean colour = person && environment.getOrDefault("NO_COLOR", "").isEmpty();
        return new Terminal(
                new PrintStream(System.out, true, StandardCharsets.UTF_8),
                new PrintStream(System.err, true, StandardCharsets.UTF_8),
                person,
                colour,
                width(environment.getOrDefault("COLUMNS", "")));
    }

    private static int width(String columns) {
        if (!columns.matches("[0-9]{1,4}")) {
            return WIDTH_DEFAULT;
        }
        return Math.clamp(Integer.parseInt(columns), WIDTH_MIN, WIDTH_MAX);
    }

    /// Prints a line of the result.
    public void print(String line) {
        out.println(line);
    }

    /// Prints a table, its titles in bold.
    public void print(Table table) {
        boolean title = true;
        for (String line : table.lines(width)) {
            out.println(title ? bold(line) : line);
            title = false;
        }
    }

    /// Prints a line that is no part of the result.
    public void note(String line) {
        err.println(line);
    }

    public String bold(String text) {
        return styled("1", text);
    }

    public String good(String text) {
        return styled("32", text);
    }

    public String bad(String text) {
        return styled("31", text);
    }

    private String styled(String code, String text) {
        return colour ? String.format(Locale.ROOT, "\u001b[%sm%s\u001b[0m", code, text) : text;
    }
}
