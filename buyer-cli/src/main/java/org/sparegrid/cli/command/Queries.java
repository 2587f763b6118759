// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.QueryException;
import org.sparegrid.protocol.market.Ranking;

/// The query language on the command line.
final class Queries {
    private Queries() {}

    /// Reads a query that the shell may have split into words.
    static Query parse(List<String> words) throws Failure {
        try {
            return Query.parse(String.join(" ", words));
        } catch (QueryException wrong) {
            throw failure(wrong);
        }
    }

    /// Reads how to sort.
    static Ranking ranking(String text) throws Failure {
        try {
            return Ranking.parse(text);
        } catch (QueryException wrong) {
            throw failure(wrong);
        }
    }

    private static Failure failure(QueryException wrong) {
        return new Failure(ExitCode.USAGE, wrong.getMessage() + "\n" + wrong.pointer());
    }

    /// What `help query` prints.
    static List<String> help() {
        List<String> lines = new java.util.ArrayList<>(HELP);
        Arrays.stream(Attribute.values())
                .map(attribute -> "  " + line(attribute))
                .forEach(lines::add);
        lines.addAll(MORE);
        return lines;
    }

    private static String line(Attribute attribute) {
        boolean counted = attribute.kind() == Attribute.Kind.NUMBER && !attribute.unit().isEmpty();
        String unit = counted ? ", in " + attribute.unit() : "";
        return String.format(
                Locale.ROOT, "%-12s %s%s", attribute.label(), Words.meaning(attribute), unit);
    }

    private static final List<String> HELP =
            List.of(
                    "A query says what a machine must be: terms between spaces, all of which must",
                    "hold. Put it in quotes, as the shell has uses for < and > of its own:",
                    "",
                    "  sparegrid offers 'cpu>=2 up>20 rtt<80 country in [SE,FI]' -o price",
                    "  sparegrid run mpi -n 4 --where 'memory>=4GiB kvm not udp'",
                    "  sparegrid explain -n 8 'cpu>=4 price<=0.05'",
                    "",
                    "  cpu>=2  up>20  rtt<80  cpu=4       numbers: < <= = >= >",
                    "  kvm  not udp                       yes or no",
                    "  country in [SE,FI]  country!=US    names: = != in, not in",
                    "  hours in [mon-fri 18-8, sat-sun]   there in all these hours, in UTC",
                    "",
                    "Attributes:");

    private static final List<String> MORE =
            List.of(
                    "",
                    "Units may follow a number: MiB GiB TiB, kbit Mbit Gbit, us ms s, and % for",
                    "reliability, 99.9% being 3 nines. Names with blanks stand in \"quotes\".",
                    "",
                    "-o sorts by numbers: -o price, or -o score-,price for the fastest first.");
}
