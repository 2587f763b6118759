// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.sparegrid.coordinator.history.Event;
import org.sparegrid.coordinator.history.Periods;
import org.sparegrid.coordinator.history.Replay;
import org.sparegrid.coordinator.history.ReplayedBook;
import org.sparegrid.coordinator.history.Verdict;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraints;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.coordinator.market.explain.OrderExplainer;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;

/// What came out of a replay, for people and as JSON.
abstract class MarketReplayReport implements Replay.Watcher {
    /// Choices that are listed; those before are left out.
    private static final int LISTED_MAX = 1000;

    /// Differences that are told one by one.
    private static final int DIFFERENCES_MAX = 100;

    private static final int DECIMALS = 6;

    private final Optional<OrderId> wanted;
    private final boolean list;
    private final Periods periods;
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final List<String> differences = new ArrayList<>();
    private long same;
    private long different;
    private long unchecked;
    private View view =
            new View(0, 0, "", "", 0, 0, 0, List.of(), List.of(), List.of(), List.of(), List.of());

    /// All of it.
    ///
    /// @param first when the first event was, or empty
    /// @param same choices that came out the same
    /// @param unchecked choices that the record is too short for
    record View(
            int files,
            long events,
            String first,
            String last,
            long same,
            long different,
            long unchecked,
            List<String> differences,
            List<String> faults,
            List<String> notes,
            List<Periods.Row> periods,
            List<Answer> answers) {}

    /// A slot that an order got.
    record Got(String seller, int slot, Credits pricePerHour) {}

    /// What an order found.
    ///
    /// @param kind `order`, `nodes`, `volume` or `replacement`
    /// @param machines how many were wanted, or how many nodes
    /// @param where what they had to be like
    /// @param got what was found, nothing of which was taken if any is missing
    /// @param verdict `same`, `different` or `unchecked`
    /// @param freeSlots in the book at that moment
    /// @param why empty, but for one order that was asked for
    record Answer(
            Instant at,
            String order,
            String kind,
            int machines,
            String where,
            Credits pricePerHourMax,
            List<Got> got,
            int missing,
            String verdict,
            String detail,
            int offers,
            long freeSlots,
            Credits cheapest,
            List<Explanation> why) {}

    MarketReplayReport(Optional<OrderId> wanted, boolean list, Duration span) {
        this.wanted = wanted;
        this.list = list;
        this.periods = new Periods(span);
    }

    @Override
    public void happens(Instant at, Event event, ReplayedBook book) {
        periods.happens(at, book);
    }

    @Override
    public void decided(Instant at, Event.Decision decision, Verdict verdict, ReplayedBook book) {
        periods.count(decision, book);
        switch (verdict) {
            case Verdict.Same _ -> same++;
            case Verdict.Unchecked _ -> unchecked++;
            case Verdict.Different(var instead) -> {
                different++;
                if (differences.size() < DIFFERENCES_MAX) {
                    differences.add(
                            "order %s at %s: the record has %d slots %s, %d missing; now it is %s"
                                    .formatted(
                                            decision.order(),
                                            at,
                                            decision.taken().size(),
                                            decision.taken(),
                                            decision.missing(),
                                            instead));
                }
            }
        }
        boolean asked = wanted.filter(decision.order()::equals).isPresent();
        if (asked || (list && wanted.isEmpty())) {
            answers.addLast(answer(at, decision, verdict, book, asked));
            if (answers.size() > LISTED_MAX) {
                answers.removeFirst();
            }
        }
    }

    private static Answer answer(
            Instant at,
            Event.Decision decision,
            Verdict verdict,
            ReplayedBook book,
            boolean explain) {
        List<Got> got =
                decision.taken().stream()
                        .map(taken ->
                                new Got(
                                        book.seller(taken.ask()).map(SellerId::value).orElse("?"),
                                        taken.slot(),
                                        book.attributes(taken.ask())
                                                .map(AskAttributes::pricePerHour)
                                                .orElse(Credits.ZERO)))
                        .toList();
        return switch (decision) {
            case Event.Chosen chosen ->
                    answer(
                            at,
                            decision,
                            chosen.replaces() ? "replacement" : "order",
                            chosen.demand().machines(),
                            query(chosen.demand().constraints()),
                            chosen.demand().pricePerHourMax(),
                            got,
                            verdict,
                            book,
                            explain ? explanation(chosen, book) : List.of());
            case Event.Pinned pinned ->
                    answer(
                            at,
                            decision,
                            "volume",
                            1,
                            query(pinned.demand().constraints()),
                            pinned.demand().pricePerHourMax(),
                            got,
                            verdict,
                            book,
                            List.of());
            case Event.Joined joined ->
                    answer(
                            at,
                            decision,
                            "nodes",
                            book.look(joined.ticket()).map(Event.Looked::nodes).orElse(0),
                            book.look(joined.ticket())
                                            .map(look -> query(look.wanted()) + " ")
                                            .orElse("")
                                    + "each of reliability "
                                    + joined.reliability(),
                            joined.pricePerHourMax(),
                            got,
                            verdict,
                            book,
                            List.of());
        };
    }

    private static Answer answer(
            Instant at,
            Event.Decision decision,
            String kind,
            int machines,
            String where,
            Credits pricePerHourMax,
            List<Got> got,
            Verdict verdict,
            ReplayedBook book,
            List<Explanation> why) {
        return new Answer(
                at,
                decision.order().value(),
                kind,
                machines,
                where,
                pricePerHourMax,
                got,
                decision.missing(),
                switch (verdict) {
                    case Verdict.Same _ -> "same";
                    case Verdict.Different _ -> "different";
                    case Verdict.Unchecked _ -> "unchecked";
                },
                switch (verdict) {
                    case Verdict.Same _ -> "";
                    case Verdict.Different(var instead) -> instead;
                    case Verdict.Unchecked(var why1) -> why1;
                },
                book.offers(),
                book.freeSlots(),
                book.cheapest().orElse(Credits.ZERO),
                why);
    }

    private static List<Term> terms(Constraints constraints) {
        return constraints.all().stream()
                .flatMap(constraint -> Terms.terms(constraint).stream())
                .distinct()
                .toList();
    }

    private static String query(Constraints constraints) {
        return String.join(" ", terms(constraints).stream().map(Term::toString).toList());
    }

    private static List<Explanation> explanation(Event.Chosen chosen, ReplayedBook book) {
        List<Term> terms = terms(chosen.demand().constraints());
        return terms.size() > Query.TERMS_MAX
                ? List.of()
                : List.of(
                        OrderExplainer.explain(
                                book.standings(chosen.except()),
                                chosen.demand().machines(),
                                new Query(terms),
                                chosen.demand().diversity()));
    }

    void finish(Replay.Result result) {
        view =
                new View(
                        result.files(),
                        result.events(),
                        result.first().map(Instant::toString).orElse(""),
                        result.first().isEmpty() ? "" : result.last().toString(),
                        same,
                        different,
                        unchecked,
                        List.copyOf(differences),
                        result.faults(),
                        result.notes(),
                        periods.finish(result.book()),
                        List.copyOf(answers));
    }

    View view() {
        return view;
    }

    List<Answer> answers() {
        return view.answers();
    }

    boolean isGood() {
        return different == 0 && view.faults().isEmpty();
    }

    void print(PrintWriter out, boolean oneOrder) {
        if (view.first().isEmpty()) {
            out.println("nothing happened in that time");
        } else if (oneOrder) {
            view.answers().forEach(answer -> explain(out, answer));
        } else {
            periods(out);
            if (!view.answers().isEmpty()) {
                out.println();
                view.answers().forEach(answer -> out.println(line(answer)));
            }
            out.println();
        }
        view.differences().forEach(difference -> out.println("differs: " + difference));
        view.faults().forEach(fault -> out.println("fault: " + fault));
        view.notes().forEach(note -> out.println("note: " + note));
        out.println(
                "%d events from %s to %s; %d choices made again: "
                                .formatted(
                                        view.events(),
                                        view.first(),
                                        view.last(),
                                        same + different + unchecked)
                        + "%d the same, %d different, %d can't be checked"
                                .formatted(same, different, unchecked));
    }

    private void periods(PrintWriter out) {
        out.println(
                "from                  offers    open  free slots   cheapest  orders  filled"
                        + "  replaced  machines    price/h");
        for (Periods.Row row : view.periods()) {
            out.println(
                    "%-20s  %6d  %6d  %10d  %9s  %6d  %6d  %8s  %8d  %9s"
                            .formatted(
                                    row.begins(),
                                    row.offers(),
                                    row.open(),
                                    row.freeSlots(),
                                    row.freeSlots() == 0 ? "-" : price(row.cheapest()),
                                    row.orders(),
                                    row.filled(),
                                    row.replaced()
                                            + (row.irreplaceable() == 0
                                                    ? ""
                                                    : " of "
                                                            + (row.replaced()
                                                                    + row.irreplaceable())),
                                    row.machines(),
                                    row.machines() == 0 ? "-" : price(row.pricePerHour())));
        }
    }

    private static String price(Credits price) {
        return price.rounded(DECIMALS);
    }

    private static String line(Answer answer) {
        return "%s  %s  %-11s  %s  %s  %s"
                .formatted(
                        answer.at().truncatedTo(ChronoUnit.SECONDS),
                        answer.order(),
                        answer.kind(),
                        answer.missing() == 0
                                ? answer.got().size() + " for " + price(sum(answer)) + "/h"
                                : answer.missing() + " of " + answer.machines() + " missing",
                        answer.verdict(),
                        answer.where());
    }

    private static Credits sum(Answer answer) {
        return answer.got().stream().map(Got::pricePerHour).reduce(Credits.ZERO, Credits::plus);
    }

    private static void explain(PrintWriter out, Answer answer) {
        out.println(
                "%s %s at %s: %d wanted, each for at most %s an hour"
                        .formatted(
                                answer.kind(),
                                answer.order(),
                                answer.at(),
                                answer.machines(),
                                price(answer.pricePerHourMax())));
        out.println("  wanted  " + answer.where());
        out.println(
                "  book    %d offers, %d free slots%s"
                        .formatted(
                                answer.offers(),
                                answer.freeSlots(),
                                answer.freeSlots() == 0
                                        ? ""
                                        : ", the cheapest "
                                                + price(answer.cheapest())
                                                + " an hour"));
        for (Got got : answer.got()) {
            out.println(
                    "  %s  %s/%d for %s an hour"
                            .formatted(
                                    answer.missing() == 0 ? "got   " : "found ",
                                    got.seller(),
                                    got.slot(),
                                    price(got.pricePerHour())));
        }
        if (answer.missing() > 0) {
            out.println("  missing " + answer.missing());
        }
        out.println(
                "  again   "
                        + answer.verdict()
                        + (answer.detail().isEmpty() ? "" : ": " + answer.detail()));
        answer.why().forEach(why -> explain(out, why));
        out.println();
    }

    private static void explain(PrintWriter out, Explanation why) {
        out.println(
                "  why     %d of %d slots meet all terms".formatted(why.matching(), why.slots()));
        why.reasons()
                .forEach(reason ->
                        out.println(
                                "          %d fail %s, %d of them nothing else"
                                        .formatted(reason.slots(), reason.term(), reason.alone())));
        why.relaxations().stream()
                .limit(1)
                .forEach(change ->
                        out.println(
                                "          cheapest change: "
                                        + change
                                        + ", then "
                                        + price(change.pricePerHour())
                                        + " an hour"));
    }
}
