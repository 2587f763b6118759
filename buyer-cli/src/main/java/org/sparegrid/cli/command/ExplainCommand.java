// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.SellerExplanation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `explain`.
@Command(
        name = "explain",
        description = {
            "Say what rules out machines, and which single change would yield enough.",
            "Takes an order's name or id, or a query; see 'sparegrid help query'.",
            "With --seller: what became of your computer's offer in the last orders."
        },
        footer = "Example: sparegrid explain -n 4 'memory>=8GiB price<=0.05 kvm'")
final class ExplainCommand extends DataCommand {
    /// Changes that are printed besides the cheapest.
    private static final int OTHERS_MAX = 4;

    @Parameters(arity = "0..*", paramLabel = "ORDER|QUERY", description = "What to explain.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-n", "--machines"},
            paramLabel = "N",
            defaultValue = "1",
            description = "How many machines a query is for (default: ${DEFAULT-VALUE}).")
    private int machines = 1;

    @Option(
            names = "--seller",
            paramLabel = "ID",
            description = "The id of a computer that joined with your account.")
    private String seller = "";

    @Override
    int run() throws IOException, RefusedException, Failure, InterruptedException {
        if (seller.isEmpty() == words.isEmpty()) {
            throw new Failure(ExitCode.USAGE, "give an order, a query or --seller ID");
        }
        Coordinator coordinator = coordinator();
        if (!seller.isEmpty()) {
            return explainSeller(coordinator);
        }
        Optional<Order> order = words.size() == 1 ? order(coordinator) : Optional.empty();
        Explanation why =
                order.isPresent()
                        ? coordinator.explain(order.get().id())
                        : coordinator.explain(request());
        print("sparegrid.explanation/1", why, () -> show(terminal(), why));
        return why.available() == why.machines() ? 0 : ExitCode.NOT_FOUND.number();
    }

    private int explainSeller(Coordinator coordinator)
            throws IOException, RefusedException, Failure, InterruptedException {
        SellerId id;
        try {
            id = new SellerId(seller);
        } catch (IllegalArgumentException wrong) {
            throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
        }
        SellerExplanation why = coordinator.explain(id);
        print("sparegrid.seller-explanation/1", why, () -> show(terminal(), why));
        return 0;
    }

    private void show(Terminal terminal, SellerExplanation why) {
        if (!why.selling() || why.orders().isEmpty()) {
            terminal.print(
                    why.selling()
                            ? "No order has come since the coordinator was started"
                            : "The computer is not connected, or sells nothing now");
            return;
        }
        terminal.print("A slot costs " + Plain.amount(why.pricePerHour()) + " an hour");
        terminal.print(PricesCommand.beside(why.pricePerHour(), why.reference()));
        terminal.print("");
        Table table =
                Table.of(
                        "order of",
                        "machines>",
                        "result",
                        "wins at/h>",
                        "or fee>",
                        "what it fails~");
        for (SellerExplanation.Outcome outcome : why.orders()) {
            boolean fee = outcome.result() == SellerExplanation.Result.FEE_TOO_HIGH;
            boolean price =
                    outcome.result() == SellerExplanation.Result.TOO_DEAR
                            || (fee && outcome.winningPrice().nanos() > 0);
            table.row(
                    Plain.time(outcome.at(), shell().clock().getZone()),
                    Integer.toString(outcome.machines()),
                    Words.of(outcome.result()),
                    price ? outcome.winningPrice().toString() : "-",
                    fee ? outcome.winningFee().toString() : "-",
                    outcome.failed().stream()
                            .map(term -> term.toString())
                            .collect(Collectors.joining(" ")));
        }
        terminal.print(table);
    }

    private Optional<Order> order(Coordinator coordinator)
            throws IOException, RefusedException, InterruptedException {
        String name = words.getFirst();
        return coordinator.orders().orders().stream()
                .filter(order ->
                        order.spec().name().equals(name) || order.id().value().equals(name))
                .findFirst();
    }

    private ExplanationRequest request() throws Failure {
        try {
            return new ExplanationRequest(machines, Queries.parse(words), Placement.ANY, 0, 0);
        } catch (IllegalArgumentException wrong) {
            throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
        }
    }

    /// Prints what rules out slots, and what would help.
    static void show(Terminal terminal, Explanation why) {
        terminal.print(
                why.available()
                        + " of "
                        + Words.plural(why.machines(), "machine")
                        + " can be had now"
                        + (why.available() == 0
                                ? ""
                                : ", for " + Plain.amount(why.pricePerHour()) + " an hour")
                        + "; "
                        + Words.plural(why.slots(), "slot")
                        + (why.slots() == 1 ? " is" : " are")
                        + " on offer");
        if (!why.reasons().isEmpty()) {
            terminal.print("");
            Table table = Table.of("what rules out slots~", "slots>", "nothing else does>");
            why.reasons()
                    .forEach(reason ->
                            table.row(
                                    reason.term().toString(),
                                    Integer.toString(reason.slots()),
                                    Integer.toString(reason.alone())));
            terminal.print(table);
        }
        if (why.available() < why.machines()) {
            terminal.print("");
            advise(terminal, why);
        }
    }

    private static void advise(Terminal terminal, Explanation why) {
        if (why.availableAnywhere() > why.available()) {
            print(
                    terminal,
                    "Without --per-country and the like "
                            + Words.plural(why.availableAnywhere(), "machine")
                            + " could be had");
        }
        if (why.displaceable() > 0) {
            print(
                    terminal,
                    Words.plural(why.displaceable(), "interruptible machine")
                            + " could be displaced by an order that waits; see --wait");
        }
        if (why.relaxations().isEmpty()) {
            print(
                    terminal,
                    why.matching() < why.slots()
                            ? "No single change would do; leave out two terms, or take fewer"
                                    + " machines"
                            : "There are not enough machines on offer, whatever they are like");
            return;
        }
        print(terminal, "Cheapest change: " + words(why.relaxations().getFirst()));
        why.relaxations().stream()
                .skip(1)
                .limit(OTHERS_MAX)
                .forEach(change -> print(terminal, "Or: " + words(change)));
    }

    private static String words(Explanation.Relaxation change) {
        return Plain.line(change.toString())
                + ", for "
                + Plain.amount(change.pricePerHour())
                + " an hour";
    }

    private static void print(Terminal terminal, String sentence) {
        Wrap.lines(sentence, terminal.width()).forEach(terminal::print);
    }
}
