// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class QueryTest {
    private static final String EXAMPLE = "cpu>=2 up>20 rtt<80 country in [SE,FI]";

    @Test
    void readsWhatMustHold() throws QueryException {
        assertThat(Query.parse(EXAMPLE).terms())
                .containsExactly(
                        new Term.Bound(Attribute.CORES, Term.Relation.AT_LEAST, 2),
                        new Term.Bound(Attribute.UP, Term.Relation.MORE, 20_000),
                        new Term.Bound(Attribute.LATENCY, Term.Relation.LESS, 80_000),
                        new Term.Names(Attribute.COUNTRY, true, List.of("SE", "FI")));
        assertThat(Query.parse(EXAMPLE)).hasToString(EXAMPLE);
        assertThat(Query.parse(" ")).isEqualTo(Query.ANY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cpu >= 2 , up > 20 and rtt<80 AND kvm | cpu>=2 up>20 rtt<80 kvm",
                "CPU==4,memory>=2GiB disk>=1.5TiB | cpu=4 memory>=2048 disk>=1572864",
                "up>=1Gbit down>500kbit rtt<1.5s | up>=1000 down>0.5 rtt<1500",
                "price<=0.050000001 fee<0.10 | price<=0.050000001 fee<0.1",
                "reliability>=99.9% reliability>=2 | reliability>=3 reliability>=2",
                "not udp kvm=yes kvm = false | not udp kvm not kvm",
                "country=se country!=RU | country=SE country!=RU",
                "country not in [us, \"\"] | country not in [US,\"\"]",
                "hardware=\"Xeon E5 v3\" pool=town-7 | hardware=\"Xeon E5 v3\" pool=town-7",
                "owner in [acct_1] | owner=acct_1",
                "hours in [sat-mon,fri 22-6] | hours in [mon, fri 22-24, sat-sun]",
                "hours in [mon-fri 18-24,mon-fri 0-8] | hours in [mon-fri 0-8, mon-fri 18-24]",
                "hours in [Mon-Sun 0-24] | hours in [mon-sun]",
                "in=1 | !",
            })
    void printsTheSameInFewerWords(String written, String printed) throws QueryException {
        if (printed.equals("!")) {
            assertThatThrownBy(() -> Query.parse(written)).isInstanceOf(QueryException.class);
        } else {
            assertThat(Query.parse(written)).hasToString(printed);
            assertThat(Query.parse(printed)).hasToString(printed);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cpu>=2 contry in [SE] | 8 | there is no attribute 'contry' at column 8; did you"
                        + " mean country?",
                "zzzzzzzz=1 | 1 | there is no attribute 'zzzzzzzz' at column 1; there are price,",
                "cpu 2 | 5 | expected <, <=, =, >= or > after cpu at column 5, got '2'",
                "cpu!=2 | 4 | expected <, <=, =, >= or > after cpu at column 4, got '!='",
                "cpu>= | 6 | expected a number at column 6, got the end",
                "cpu>=x | 6 | expected a number at column 6, got 'x'",
                "cpu>=1.5 | 6 | expected a whole number at column 6, got '1.5'",
                "memory>0.3 | 8 | expected a whole number of MiB at column 8, got '0.3'",
                "memory>1GB | 8 | expected the unit MiB, GiB, TiB at column 8, got '1GB'",
                "cpu>1GiB | 5 | expected a number without a unit at column 5, got '1GiB'",
                "rtt<0.0001 | 5 | expected at most 3 decimals at column 5, got '0.0001'",
                "reliability>100% | 13 | expected less than 100 % at column 13, got '100%'",
                "reliability>1x | 13 | expected a number of nines or with % at column 13, got '1x'",
                "price<99999999999999 | 7 | expected at most 9223372036.854775807 at column 7, got",
                "not cpu | 5 | expected udp or kvm after 'not' at column 5, got 'cpu'",
                "kvm=maybe | 5 | expected yes or no at column 5, got 'maybe'",
                "country SE | 9 | expected =, !=, in or not in after country at column 9, got 'SE'",
                "country=Sweden | 9 | expected a country's two letters such as SE at column 9, got",
                "country in SE | 12 | expected [ at column 12, got 'SE'",
                "country in [SE FI] | 16 | expected , or ] at column 16, got 'FI'",
                "country in [SE,] | 16 | expected a name at column 16, got ']'",
                "country in [SE,se] | 16 | expected each name once at column 16, got 'se'",
                "country not [SE] | 13 | expected in after 'not' at column 13, got '['",
                "pool=\"town | 6 | expected a closing \" for that at column 6",
                "hours>3 | 6 | expected in after hours at column 6, got '>'",
                "hours in [monday] | 11 | expected days such as mon or mon-fri at column 11, got",
                "hours in [mon 8] | 15 | expected hours such as 18-24 at column 15, got '8'",
                "hours in [mon 8-8] | 15 | expected two different hours from 0 to 24 at column 15",
                "cpu>1, | 7 | expected a term after ',' at column 7, got the end",
                "cpu>1 & up>2 | 7 | expected a term at column 7, got '&'",
                ">=2 | 1 | expected an attribute at column 1, got '>='",
            })
    void saysWhatIsWrongAndWhere(String written, int column, String why) {
        var wrong = catchThrowableOfType(QueryException.class, () -> Query.parse(written));
        assertThat(wrong).hasMessageStartingWith("query: " + why);
        assertThat(wrong.column()).isEqualTo(column);
    }

    @Test
    void pointsAtTheColumn() {
        var wrong =
                catchThrowableOfType(
                        QueryException.class, () -> Query.parse("cpu>=2 contry in [SE]"));
        assertThat(wrong.pointer()).isEqualTo("cpu>=2 contry in [SE]\n       ^");
        String far = "cpu>=2 ".repeat(20) + "?" + " cpu>=2".repeat(5);
        var late = catchThrowableOfType(QueryException.class, () -> Query.parse(far));
        List<String> lines = late.pointer().lines().toList();
        assertThat(lines.getFirst()).hasSize(76);
        assertThat(lines.getFirst().charAt(lines.getLast().indexOf('^'))).isEqualTo('?');
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThatThrownBy(() -> Query.parse("cpu>1 ".repeat(35)))
                .hasMessage("query: expected at most 34 terms, got one more");
        assertThatThrownBy(() -> Query.parse(" ".repeat(4001)))
                .hasMessage("query: expected at most 4000 characters, got 4001");
    }

    @Test
    void readsWhatItWrote() {
        Property.holds(
                5000,
                random -> {
                    Query query = any(random);
                    assertThat(Query.parse(query.toString())).isEqualTo(query);
                });
    }

    @Test
    void neverFailsOtherwiseOnAnyText() {
        Property.holds(
                20_000,
                random -> {
                    StringBuilder text = new StringBuilder(any(random).toString());
                    for (int i = 0; i < random.nextInt(4); i++) {
                        char odd = "\"[],<>=!- \u0000\ud800éx9%".charAt(random.nextInt(16));
                        text.insert(random.nextInt(text.length() + 1), odd);
                    }
                    String written = text.substring(random.nextInt(Math.max(1, text.length() / 3)));
                    try {
                        Query read = Query.parse(written);
                        assertThat(Query.parse(read.toString())).isEqualTo(read);
                    } catch (QueryException wrong) {
                        assertThat(wrong.column()).isBetween(1, written.length() + 1);
                        assertThat(wrong.pointer().lines().toList()).hasSize(2);
                    }
                });
    }

    @Test
    void ranksByNumbers() throws QueryException {
        assertThat(Ranking.parse("score-,price"))
                .hasToString("score-,price")
                .isEqualTo(
                        new Ranking(
                                List.of(
                                        new Ranking.Key(Attribute.SCORE, true),
                                        new Ranking.Key(Attribute.PRICE, false))));
        var wrong = catchThrowableOfType(QueryException.class, () -> Ranking.parse("price,scor-"));
        assertThat(wrong.column()).isEqualTo(7);
        assertThat(wrong)
                .hasMessage(
                        "query: expected 1 to 8 numbers to sort by at column 7, got 'scor'; did you"
                                + " mean score?");
    }

    private static Query any(RandomGenerator random) {
        List<Term> terms = new ArrayList<>();
        for (int i = 0; i < random.nextInt(6); i++) {
            terms.add(term(random));
        }
        return new Query(terms);
    }

    private static Term term(RandomGenerator random) {
        Attribute attribute = Attribute.values()[random.nextInt(Attribute.values().length)];
        return switch (attribute.kind()) {
            case NUMBER ->
                    new Term.Bound(
                            attribute,
                            Term.Relation.values()[random.nextInt(5)],
                            random.nextLong(1L << random.nextInt(1, 63)));
            case FLAG -> new Term.Flag(attribute, random.nextBoolean());
            case NAME -> new Term.Names(attribute, random.nextBoolean(), names(attribute, random));
            case HOURS ->
                    new Term.Hours(
                            new WeekHours(
                                    random.nextLong() & random.nextLong(),
                                    random.nextLong() | random.nextLong(),
                                    random.nextLong() & 0xff_ffff_fffeL | 1));
        };
    }

    private static List<String> names(Attribute attribute, RandomGenerator random) {
        List<String> names =
                attribute == Attribute.COUNTRY
                        ? List.of("SE", "FI", "NO", "")
                        : List.of("a", "not", "Zwölf Äpfel", "9-x.y", "", "x,y]", "in");
        int count = 1 + random.nextInt(names.size());
        return Arrays.asList(names.toArray(String[]::new)).subList(0, count);
    }
}
