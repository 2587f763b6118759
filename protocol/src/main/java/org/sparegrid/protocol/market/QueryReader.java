// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sparegrid.protocol.NearestName;

/// Reads the text of one query, from left to right.
final class QueryReader {
    private static final int NAME_LENGTH_MAX = 100;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:/%+-]*");
    private static final Pattern TOKEN =
            Pattern.compile(
                    "\\s*(?:(?<word>"
                            + WORD.pattern()
                            + ")|(?<quoted>\"[^\"]*\")|(?<sign><=|>=|==|!=|<|>|=|\\[|]|,))");
    private static final List<String> LABELS =
            Arrays.stream(Attribute.values()).map(Attribute::label).toList();

    /// A piece of the query; the last one is empty.
    ///
    /// @param column of its first character, from 1
    private record Token(String text, boolean word, int column) {
        boolean is(String expected) {
            return text.equals(expected);
        }

        boolean isKeyword(String expected) {
            return word && text.equalsIgnoreCase(expected);
        }
    }

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int next;

    QueryReader(String text) {
        this.text = text;
    }

    /// Whether a text can be a name in a query.
    static boolean isName(String name) {
        return name.length() <= NAME_LENGTH_MAX
                && name.codePoints().noneMatch(c -> c == '"' || Character.isISOControl(c));
    }

    /// The name as it stands in a query.
    static String quoted(String name) {
        return WORD.matcher(name).matches() ? name : '"' + name + '"';
    }

    Query read() throws QueryException {
        split();
        List<Term> terms = new ArrayList<>();
        while (!peek().text.isEmpty()) {
            if (terms.size() == Query.TERMS_MAX) {
                throw fault(peek(), "expected at most " + Query.TERMS_MAX + " terms, got one more");
            }
            terms.add(term());
            if (peek().is(",") || peek().isKeyword("and")) {
                Token separator = take();
                if (peek().text.isEmpty()) {
                    throw expected("a term after '" + separator.text + "'", peek());
                }
            }
        }
        return new Query(terms);
    }

    private void split() throws QueryException {
        if (text.length() > Query.LENGTH_MAX) {
            throw new QueryException(
                    text,
                    Query.LENGTH_MAX + 1,
                    "expected at most " + Query.LENGTH_MAX + " characters, got " + text.length());
        }
        Matcher matcher = TOKEN.matcher(text);
        int at = 0;
        while (matcher.find(at) && matcher.start() == at) {
            boolean word = matcher.group("word") != null;
            String piece = matcher.group().stripLeading();
            tokens.add(new Token(piece, word, matcher.end() - piece.length() + 1));
            at = matcher.end();
        }
        int rest = at;
        while (rest < text.length() && Character.isWhitespace(text.charAt(rest))) {
            rest++;
        }
        if (rest < text.length()) {
            String odd = new String(Character.toChars(text.codePointAt(rest)));
            throw new QueryException(
                    text,
                    rest + 1,
                    odd.equals("\"")
                            ? "expected a closing \" for that at column " + (rest + 1)
                            : "expected a term at column "
                                    + (rest + 1)
                                    + ", got '"
                                    + odd.replaceAll("\\p{Cntrl}", "?")
                                    + "'");
        }
        tokens.add(new Token("", false, text.length() + 1));
    }

    private Term term() throws QueryException {
        if (peek().isKeyword("not")) {
            take();
            Token name = peek();
            Attribute attribute = attribute();
            if (attribute.kind() != Attribute.Kind.FLAG) {
                throw expected("udp or kvm after 'not'", name);
            }
            return new Term.Flag(attribute, false);
        }
        Attribute attribute = attribute();
        return switch (attribute.kind()) {
            case NUMBER -> bound(attribute);
            case FLAG -> flag(attribute);
            case NAME -> names(attribute);
            case HOURS -> hours();
        };
    }

    private Attribute attribute() throws QueryException {
        Token token = take();
        if (!token.word) {
            throw expected("an attribute", token);
        }
        String written = token.text.toLowerCase(Locale.ROOT);
        return Attribute.named(written)
                .orElseThrow(() ->
                        fault(
                                token,
                                "there is no attribute "
                                        + shown(token)
                                        + " at column "
                                        + token.column
                                        + NearestName.of(written, LABELS)
                                                .map(near -> "; did you mean " + near + "?")
                                                .orElse(
                                                        "; there are "
                                                                + String.join(", ", LABELS))));
    }

    private Term bound(Attribute attribute) throws QueryException {
        Token sign = take();
        Term.Relation relation =
                switch (sign.text) {
                    case "<" -> Term.Relation.LESS;
                    case "<=" -> Term.Relation.AT_MOST;
                    case "=", "==" -> Term.Relation.EQUAL;
                    case ">=" -> Term.Relation.AT_LEAST;
                    case ">" -> Term.Relation.MORE;
                    default -> throw expected("<, <=, =, >= or > after " + attribute.label(), sign);
                };
        Token number = take();
        try {
            return new Term.Bound(attribute, relation, Quantity.read(attribute, number.text));
        } catch (IllegalArgumentException wrong) {
            throw expected(wrong, number);
        }
    }

    private Term flag(Attribute attribute) throws QueryException {
        if (!peek().is("=") && !peek().is("==")) {
            return new Term.Flag(attribute, true);
        }
        take();
        Token value = take();
        return switch (value.text.toLowerCase(Locale.ROOT)) {
            case "yes", "true" -> new Term.Flag(attribute, true);
            case "no", "false" -> new Term.Flag(attribute, false);
            default -> throw expected("yes or no", value);
        };
    }

    private Term names(Attribute attribute) throws QueryException {
        Token sign = take();
        boolean not = sign.isKeyword("not");
        if (not || sign.isKeyword("in")) {
            if (not && !peek().isKeyword("in")) {
                throw expected("in after 'not'", peek());
            }
            if (not) {
                take();
            }
            return new Term.Names(attribute, !not, list(attribute));
        }
        if (!sign.is("=") && !sign.is("==") && !sign.is("!=")) {
            throw expected("=, !=, in or not in after " + attribute.label(), sign);
        }
        return new Term.Names(attribute, !sign.is("!="), List.of(name(attribute)));
    }

    private List<String> list(Attribute attribute) throws QueryException {
        require("[");
        List<String> names = new ArrayList<>();
        do {
            Token at = peek();
            String name = name(attribute);
            if (names.contains(name)) {
                throw expected("each name once", at);
            }
            if (names.size() == Term.NAMES_MAX) {
                throw expected("at most " + Term.NAMES_MAX + " names", at);
            }
            names.add(name);
        } while (another());
        return names;
    }

    private String name(Attribute attribute) throws QueryException {
        Token token = take();
        boolean quoted = token.text.startsWith("\"");
        String name = quoted ? token.text.substring(1, token.text.length() - 1) : token.text;
        if (!(token.word || quoted) || !isName(name)) {
            throw expected("a name", token);
        }
        if (attribute == Attribute.COUNTRY) {
            if (!name.matches("([A-Za-z]{2})?")) {
                throw expected("a country's two letters such as SE", token);
            }
            return name.toUpperCase(Locale.ROOT);
        }
        return name;
    }

    private Term hours() throws QueryException {
        if (!peek().isKeyword("in")) {
            throw expected("in after hours", peek());
        }
        take();
        require("[");
        WeekHours hours = WeekHours.NONE;
        do {
            Token days = take();
            if (!HourSpans.areDays(days.text)) {
                throw expected("days such as mon or mon-fri", days);
            }
            Token times = peek().word ? take() : new Token("", false, peek().column);
            try {
                WeekHours span = HourSpans.read(days.text, times.text);
                for (int hour = 0; hour < WeekHours.COUNT; hour++) {
                    hours = span.contains(hour) ? hours.with(hour) : hours;
                }
            } catch (IllegalArgumentException wrong) {
                throw expected(wrong, times);
            }
        } while (another());
        return new Term.Hours(hours);
    }

    /// Whether a comma follows, after which the list goes on; else it must end here.
    private boolean another() throws QueryException {
        if (peek().is(",")) {
            take();
            return true;
        }
        if (!peek().is("]")) {
            throw expected(", or ]", peek());
        }
        take();
        return false;
    }

    private void require(String sign) throws QueryException {
        Token token = take();
        if (!token.is(sign)) {
            throw expected(sign, token);
        }
    }

    private Token peek() {
        return tokens.get(next);
    }

    private Token take() {
        Token token = tokens.get(next);
        // The empty token at the end stays where it is.
        next = Math.min(next + 1, tokens.size() - 1);
        return token;
    }

    private QueryException expected(IllegalArgumentException wrong, Token got) {
        return expected(String.valueOf(wrong.getMessage()).replaceFirst("^expected ", ""), got);
    }

    private QueryException expected(String what, Token got) {
        return fault(got, "expected " + what + " at column " + got.column + ", got " + shown(got));
    }

    private QueryException fault(Token at, String message) {
        return new QueryException(text, at.column, message);
    }

    private static String shown(Token token) {
        if (token.text.isEmpty()) {
            return "the end";
        }
        String text = token.text.replaceAll("\\p{Cntrl}", "?");
        return "'" + (text.length() <= 40 ? text : text.substring(0, 40) + "…") + "'";
    }
}
