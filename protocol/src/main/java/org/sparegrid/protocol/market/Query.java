// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is wanted of a machine: terms all of which must hold, as people write them in the command
/// line, in an address and in a message: `cpu>=2 up>20 rtt<80 country in [SE,FI]`.
///
/// ```text
/// query = { term [ "," | "and" ] }
/// term  = NUMBER_ATTRIBUTE ( "<" | "<=" | "=" | ">=" | ">" ) number [ unit ]
///       | [ "not" ] FLAG_ATTRIBUTE
///       | NAME_ATTRIBUTE ( "=" | "!=" ) name
///       | NAME_ATTRIBUTE [ "not" ] "in" "[" name { "," name } "]"
///       | "hours" "in" "[" span { "," span } "]"
/// span  = day [ "-" day ] [ hour "-" hour ]
/// ```
///
/// Source: docs/guides/market.md.
///
/// @param terms at most 32
public record Query(List<Term> terms) {
    /// Terms of one query: about two for each attribute.
    public static final int TERMS_MAX = 34;

    /// The longest text that is read, in characters.
    public static final int LENGTH_MAX = 4000;

    /// Anything will do.
    public static final Query ANY = new Query(List.of());

    public Query {
        terms = List.copyOf(terms);
        if (terms.size() > TERMS_MAX) {
            throw new IllegalArgumentException(
                    "query: expected at most " + TERMS_MAX + " terms, got " + terms.size());
        }
    }

    /// Reads a query.
    ///
    /// @throws QueryException if it isn't one, with the column of the fault
    public static Query parse(String text) throws QueryException {
        return new QueryReader(text).read();
    }

    /// These terms and the other's.
    public Query and(Query more) {
        return new Query(Stream.concat(terms.stream(), more.terms.stream()).toList());
    }

    /// The shortest text that reads as this query.
    @Override
    public String toString() {
        return terms.stream().map(Term::toString).collect(Collectors.joining(" "));
    }
}
