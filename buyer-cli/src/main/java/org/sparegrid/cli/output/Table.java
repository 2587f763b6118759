// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.output;

import java.util.ArrayList;
import java.util.List;

/// A table of text that keeps within the terminal's width.
///
/// Two spaces part the columns. If the rows are too wide, the flexible columns give way, the widest
/// first, their texts ending in `…`.
public final class Table {
    private static final String GAP = "  ";
    private static final int FLEXIBLE_MIN = 6;

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /// How a column's texts are set.
    public enum Kind {
        /// Text, at the left.
        LEFT,
        /// Numbers, at the right.
        RIGHT,
        /// Text that is cut where there is no room.
        FLEXIBLE
    }

    private record Column(String title, Kind kind) {}

    private Table(List<Column> columns) {
        this.columns = columns;
    }

    /// A table whose columns are told as `title`; `title>` sets to the right, `title~` gives way.
    public static Table of(String... titles) {
        List<Column> columns = new ArrayList<>();
        for (String title : titles) {
            String name = title.replaceAll("[>~]$", "");
            Kind kind =
                    title.endsWith(">")
                            ? Kind.RIGHT
                            : title.endsWith("~") ? Kind.FLEXIBLE : Kind.LEFT;
            columns.add(new Column(name, kind));
        }
        return new Table(columns);
    }

    /// Adds a row with a text for each column.
    public Table row(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(
                    "table: expected " + columns.size() + " cells, got " + cells.length);
        }
        List<String> row = new ArrayList<>();
        for (String cell : cells) {
            row.add(Plain.line(cell));
        }
        rows.add(row);
        return this;
    }

    /// The lines, the titles first; no line is longer than `width` if the flexible column can help
    /// it.
    public List<String> lines(int width) {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = length(columns.get(i).title());
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], length(row.get(i)));
            }
        }
        shrink(widths, width);
        List<String> lines = new ArrayList<>();
        lines.add(line(columns.stream().map(Column::title).toList(), widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    private void shrink(int[] widths, int width) {
        int sum = GAP.length() * (widths.length - 1);
        for (int one : widths) {
            sum += one;
        }
        for (; sum > width; sum--) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                boolean gives = columns.get(i).kind() == Kind.FLEXIBLE && widths[i] > FLEXIBLE_MIN;
                if (gives && (widest < 0 || widths[i] > widths[widest])) {
                    widest = i;
                }
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
        }
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = Plain.cut(cells.get(i), widths[i]);
            String pad = " ".repeat(Math.max(0, widths[i] - length(cell)));
            line.append(i == 0 ? "" : GAP);
            line.append(columns.get(i).kind() == Kind.RIGHT ? pad + cell : cell + pad);
        }
        return line.toString().stripTrailing();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
