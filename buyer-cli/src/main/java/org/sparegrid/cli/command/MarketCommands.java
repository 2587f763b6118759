// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.Offer;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.Ranking;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about what can be had.
final class MarketCommands {
    private MarketCommands() {}

    /// Prints offers as a table, with the reasons for their kind of acceleration below.
    static void show(Terminal terminal, List<Offer> offers) {
        Table table =
                Table.of(
                        "seller",
                        "name~",
                        "cpus>",
                        "memory>",
                        "price/h>",
                        "accel",
                        "score>",
                        "free>");
        Map<String, Set<String>> reasons = new LinkedHashMap<>();
        for (Offer offer : offers) {
            Ask ask = offer.ask();
            table.row(
                    Words.seller(offer.seller().value()),
                    ask.name(),
                    Integer.toString(ask.size().cpus()),
                    Plain.mebibytes(ask.size().memoryMebibytes()),
                    Plain.amount(ask.pricePerHour()),
                    Words.of(ask.acceleration()),
                    String.format("%.2f", ask.cpuScore() / 1000.0),
                    offer.slotsFree() + "/" + ask.slots());
            if (!ask.accelerationReason().isEmpty()) {
                String how = Words.of(ask.acceleration()) + ": " + ask.accelerationReason();
                reasons.computeIfAbsent(how, _ -> new LinkedHashSet<>()).add(ask.name());
            }
        }
        terminal.print(table);
        if (!reasons.isEmpty()) {
            terminal.print("");
        }
        reasons.forEach((how, names) ->
                Wrap.lines(
                                Plain.line(String.join(", ", names)) + ", " + Plain.line(how),
                                terminal.width())
                        .forEach(terminal::print));
    }

    @Command(
            name = "offers",
            description = "List the machines that can be had now, cheapest first.",
            footer = {
                "score: speed of one core, 1.00 being the reference core; free: slots.",
                "Example: sparegrid offers 'cpu>=2 memory>=4GiB kvm' -o score-"
            })
    static final class OffersCommand extends DataCommand {
        @Parameters(
                arity = "0..*",
                paramLabel = "QUERY",
                description = "Which of them; see 'sparegrid help query'.")
        private List<String> where = new ArrayList<>();

        @Option(
                names = {"-o", "--order"},
                paramLabel = "ATTRIBUTES",
                defaultValue = "price",
                description = "What to sort by; score- is the highest score first.")
        private String order = "price";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Query query = Queries.parse(where);
            Ranking ranking = Queries.ranking(order);
            Offers offers = coordinator().offers(query, ranking);
            print("sparegrid.offers/1", offers, () -> show(terminal(), offers.offers()));
            if (offers.offers().isEmpty() && !json()) {
                terminal()
                        .note(
                                query.equals(Query.ANY)
                                        ? "No machine is on offer now"
                                        : "No machine is like that now; sparegrid explain '"
                                                + query
                                                + "' says why");
            }
            return 0;
        }
    }

    @Command(name = "quote", description = "Say which machines would be had now, and their price.")
    static final class QuoteCommand extends DataCommand {
        @Mixin private @Nullable SpecOptions options;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            if (options == null) {
                throw new IllegalStateException("command: used outside its command line");
            }
            Coordinator coordinator = coordinator();
            options.findVolume(coordinator, shell().context());
            OrderSpec spec =
                    options.spec(
                            Choice.image(coordinator, options.image), List.of(), shell().clock());
            Quote quote = coordinator.quote(spec.withoutVolumeKey());
            if (json()) {
                print("sparegrid.quote/1", quote, () -> {});
            } else {
                showQuote(terminal(), coordinator, spec, quote);
            }
            return quote.missing() == 0 ? 0 : ExitCode.NOT_FOUND.number();
        }
    }

    private static Table nodes(Quote quote) {
        Table table = Table.of("node", "machines>", "reliability>", "price/h>");
        for (int i = 0; i < quote.nodes().size(); i++) {
            Quote.Node node = quote.nodes().get(i);
            table.row(
                    "node" + (i + 1),
                    Integer.toString(node.replicas()),
                    String.format(Locale.ROOT, "%.6f", node.reliability()),
                    Plain.amount(node.pricePerHour()));
        }
        return table;
    }

    private static String expected(Quote quote, long secondsMax) {
        String start =
                quote.startSeconds() == 0
                        ? "no start was timed here yet"
                        : "ready after " + Plain.span(Duration.ofSeconds(quote.startSeconds()));
        String done =
                quote.completionSeconds() == 0
                        ? "too little is known of these machines' hours to say when work is done"
                        : "work for "
                                + Plain.span(Duration.ofSeconds(secondsMax))
                                + " done after "
                                + Plain.span(Duration.ofSeconds(quote.completionSeconds()));
        return String.format(
                Locale.ROOT,
                "%s; %s; %.2f interruptions in that time; %s to the end: %.1f %%",
                start,
                done,
                quote.interruptions(),
                quote.nodes().isEmpty() ? "all machines last" : "one machine of each node lasts",
                100 * quote.lasting());
    }

    /// Prints what an order would get and why it would not get more.
    static void showQuote(Terminal terminal, Coordinator coordinator, OrderSpec spec, Quote quote)
            throws IOException, RefusedException, InterruptedException {
        if (!quote.machines().isEmpty()) {
            show(terminal, quote.machines());
            terminal.print("");
            terminal.print(
                    Words.plural(quote.machines().size(), "machine")
                            + " for "
                            + Plain.amount(quote.pricePerHour())
                            + " an hour; at most "
                            + Plain.amount(quote.costMax())
                            + " in "
                            + Plain.span(Duration.ofSeconds(spec.secondsMax())));
            if (spec.trafficMegabytes() > 0) {
                terminal.print(
                        "That includes "
                                + Plain.amount(quote.trafficCost())
                                + " for "
                                + Plain.bytes(spec.trafficMegabytes() * 1_000_000)
                                + " of traffic of each; what both ends count is paid");
            }
            for (String line :
                    Wrap.lines(
                            "Expected: " + expected(quote, spec.secondsMax()), terminal.width())) {
                terminal.print(line);
            }
            terminal.print(PricesCommand.beside(quote.pricePerHour(), quote.reference()));
            if (spec.placement().reserved()) {
                terminal.print(
                        "Reserved: free to stop until an hour before, then at most ten minutes'"
                                + " price");
            }
            if (spec.placement().interruptible()) {
                terminal.print(
                        "Interruptible: a firm order that waits may displace them, after notice");
            }
            if (!quote.nodes().isEmpty()) {
                terminal.print("");
                terminal.print(nodes(quote));
                if (quote.premiumPerHour().nanos() > 0) {
                    terminal.print(
                            "Of that, "
                                    + Plain.amount(quote.premiumPerHour())
                                    + " an hour is for reliability: as many single machines cost"
                                    + " that much less");
                }
            }
        }
        if (quote.missing() > 0 && spec.placement().reliability() > 0) {
            terminal.note(
                    "Sellers' records don't make "
                            + Words.plural(spec.machines(), "node")
                            + " of reliability "
                            + spec.placement().reliability()
                            + " at that price; ask for less, or for a shorter time");
        } else if (quote.missing() > 0) {
            ExplainCommand.show(
                    terminal,
                    coordinator.explain(
                            new ExplanationRequest(
                                    spec.machines(),
                                    spec.wanted(),
                                    spec.placement(),
                                    spec.secondsMax(),
                                    spec.megabytesPerHour())));
        }
    }
}
