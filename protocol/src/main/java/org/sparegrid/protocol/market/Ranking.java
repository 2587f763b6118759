// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparegrid.protocol.NearestName;

/// In which order offers are listed: `price`, or `score-,price` for the fastest first.
///
/// @param keys what is compared, the first that differs deciding; at most 8
public record Ranking(List<Key> keys) {
    /// Cheapest first.
    public static final Ranking BY_PRICE = new Ranking(List.of(new Key(Attribute.PRICE, false)));

    private static final int KEYS_MAX = 8;

    public Ranking {
        keys = List.copyOf(keys);
        if (keys.isEmpty() || keys.size() > KEYS_MAX) {
            throw new IllegalArgumentException("order: expected 1 to " + KEYS_MAX + " attributes");
        }
    }

    /// An attribute that is a number, rising or falling.
    public record Key(Attribute attribute, boolean descending) {
        public Key {
            if (attribute.kind() != Attribute.Kind.NUMBER) {
                throw new IllegalArgumentException(
                        "order: expected an attribute that is a number, got " + attribute.label());
            }
        }

        @Override
        public String toString() {
            return attribute.label() + (descending ? "-" : "");
        }
    }

    /// Reads attributes between commas; a `-` after one turns it around.
    ///
    /// @throws QueryException if it can't, with the column of the fault
    public static Ranking parse(String text) throws QueryException {
        List<Key> keys = new ArrayList<>();
        int column = 1;
        for (String part : text.split(",", -1)) {
            boolean descending = part.endsWith("-");
            String label = descending ? part.substring(0, part.length() - 1) : part;
            Optional<Attribute> attribute =
                    Attribute.named(label).filter(a -> a.kind() == Attribute.Kind.NUMBER);
            if (attribute.isEmpty() || keys.size() == KEYS_MAX) {
                throw new QueryException(text, column, message(label, column));
            }
            keys.add(new Key(attribute.get(), descending));
            column += part.length() + 1;
        }
        return new Ranking(keys);
    }

    private static String message(String label, int column) {
        List<String> labels =
                Arrays.stream(Attribute.values())
                        .filter(a -> a.kind() == Attribute.Kind.NUMBER)
                        .map(Attribute::label)
                        .toList();
        String shown = label.length() <= 40 ? label : label.substring(0, 40) + "…";
        return "expected 1 to "
                + KEYS_MAX
                + " numbers to sort by at column "
                + column
                + ", got '"
                + shown.replaceAll("\\p{Cntrl}", "?")
                + "'"
                + NearestName.of(label, labels)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("; there are " + String.join(", ", labels));
    }

    @Override
    public String toString() {
        return keys.stream().map(Key::toString).collect(Collectors.joining(","));
    }
}
