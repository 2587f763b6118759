// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.io.Serial;

/// A query that can't be understood, and where.
public final class QueryException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    private final String query;
    private final int column;

    QueryException(String query, int column, String message) {
        super("query: " + message, null, false, false);
        this.query = query;
        this.column = column;
    }

    /// Which character is wrong, from 1; one past the last if something is missing there.
    public int column() {
        return column;
    }

    /// The query and below it a mark at the column: two lines, each at most 76 characters long.
    public String pointer() {
        int start = Math.max(0, Math.min(column - 1 - SHOWN_BEFORE, query.length() - SHOWN));
        String shown = query.substring(start, Math.min(query.length(), start + SHOWN));
        return shown.replaceAll("\\p{Cntrl}", " ") + "\n" + " ".repeat(column - 1 - start) + "^";
    }

    private static final int SHOWN = 76;
    private static final int SHOWN_BEFORE = 60;
}
