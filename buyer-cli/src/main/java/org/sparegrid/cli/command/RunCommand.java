// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.SshKey;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Offer;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Quote;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `run`.
@Command(
        name = "run",
        description = {
            "Rent machines, boot an image on them and wait until they can be used.",
            "Shows the price first and asks. Ctrl-C before they are ready stops them."
        },
        footer = "Example: sparegrid run mpi -n 2 --for 1h --memory 1GiB")
final class RunCommand extends DataCommand {
    @Mixin private @Nullable SpecOptions options;

    @Mixin private GivenFiles given = new GivenFiles();

    @Option(
            names = {"-y", "--yes"},
            description = "Don't ask.")
    private boolean yes;

    @Option(names = "--detach", description = "Order, and don't wait for the machines.")
    private boolean detach;

    @Option(
            names = "--max-cost",
            paramLabel = "AMOUNT",
            converter = Units.AmountReader.class,
            description = "Stop all machines when the run has cost that much.")
    private @Nullable Credits limit;

    @Option(
            names = "--no-cluster-key",
            description = "Don't make a key with which the machines log in to each other.")
    private boolean noClusterKey;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "15m",
            converter = Units.SpanReader.class,
            description = "Give up and stop if not ready by then (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofMinutes(15);

    @Override
    int run() throws IOException, RefusedException, Failure, InterruptedException {
        if (options == null) {
            throw new IllegalStateException("command: used outside its command line");
        }
        if (!yes && !terminal().interactive()) {
            throw new Failure(
                    ExitCode.USAGE, "there is no terminal to confirm the price at; give --yes");
        }
        List<Handover.Item> items = given.items(detach);
        options.trust.check();
        Coordinator coordinator = coordinator();
        ImageSummary image = Choice.image(coordinator, options.image);
        options.findVolume(coordinator, shell().context());
        OrderSpec wanted = options.spec(image, List.of(), shell().clock());
        options.trust.check(wanted);
        Quote quote = quote(coordinator, wanted);
        boolean waits = quote.missing() > 0 || isLater(wanted);
        Credits costMax = limited(waits ? costMax(wanted) : quote.costMax(), quote);
        agree(coordinator, costMax);
        try (ClusterKey cluster = ClusterKey.make(shell().context(), !noClusterKey && !detach)) {
            List<String> keys = new ArrayList<>();
            keys.add(SshKey.ofUser(shell().context()).publicLine());
            keys.addAll(cluster.publicLines());
            OrderSpec asked = options.spec(image, keys, shell().clock());
            OrderSpec spec = waits ? asked : capped(asked, quote);
            Order order =
                    coordinator.order(
                            new OrderRequest(spec, costMax, limit != null),
                            UUID.randomUUID().toString());
            options.trust.watch(shell(), spec, order);
            return detach ? detached(order) : attend(coordinator, order, cluster, items);
        }
    }

    private Quote quote(Coordinator coordinator, OrderSpec spec)
            throws IOException, RefusedException, Failure, InterruptedException {
        for (Order order : coordinator.orders().orders()) {
            if (Choice.isLive(order) && order.spec().name().equals(spec.name())) {
                throw new Failure(
                        ExitCode.USAGE,
                        "an order called "
                                + spec.name()
                                + " is under way; give this one another --name");
            }
        }
        Quote quote = coordinator.quote(spec.withoutVolumeKey());
        if (quote.missing() > 0 && spec.volume().isWanted()) {
            throw new Failure(
                    ExitCode.NOT_FOUND,
                    "the computer on which the volume lies offers no such machine now: it may be"
                            + " away, taken, smaller or dearer than asked for; see sparegrid"
                            + " volume ls and sparegrid offers");
        }
        if (quote.missing() > 0 || !json()) {
            MarketCommands.showQuote(
                    quote.missing() > 0 || json() ? toErrors() : terminal(),
                    coordinator,
                    spec,
                    quote);
        }
        if (quote.missing() > 0 && spec.placement().waitSecondsMax() == 0) {
            throw new Failure(
                    ExitCode.NOT_FOUND,
                    "not enough machines are on offer; --wait TIME waits for them");
        }
        if ((quote.missing() > 0 || isLater(spec))
                && spec.pricePerHourMax().equals(Ask.PRICE_MAX)) {
            throw new Failure(
                    ExitCode.USAGE,
                    "an order that waits needs --max-price, as the most that it may cost is held");
        }
        return quote;
    }

    private static boolean isLater(OrderSpec spec) {
        return spec.placement().startAfterSeconds() > 0;
    }

    /// The most that may be held, and a word on what the limit means.
    private Credits limited(Credits costMax, Quote quote) {
        Credits most = limit;
        if (most == null || most.compareTo(costMax) >= 0) {
            return costMax;
        }
        long perHour = quote.pricePerHour().nanos();
        String after =
                perHour > 0 && quote.missing() == 0
                        ? ", after about "
                                + Plain.span(
                                        Duration.ofSeconds(
                                                (long) (3600.0 * most.nanos() / perHour)))
                        : "";
        terminal().note("It stops when " + Plain.amount(most) + " is reached" + after);
        return most;
    }

    /// The most that an order can cost whose machines aren't known yet.
    private static Credits costMax(OrderSpec spec) {
        return spec.pricePerHourMax().perHourFor(spec.secondsMax()).times(spec.machines());
    }

    private void agree(Coordinator coordinator, Credits costMax)
            throws IOException, RefusedException, Failure, InterruptedException {
        Credits balance = coordinator.wallet().balance();
        if (balance.compareTo(costMax) < 0) {
            throw new Failure(
                    ExitCode.FUNDS,
                    "up to "
                            + Plain.amount(costMax)
                            + " would be held, and the wallet has "
                            + Plain.amount(balance)
                            + "; sparegrid wallet deposit, or a shorter --for");
        }
        if (!yes) {
            confirm();
        }
    }

    private org.sparegrid.cli.output.Terminal toErrors() {
        var usual = terminal();
        return new org.sparegrid.cli.output.Terminal(
                usual.err(), usual.err(), usual.interactive(), usual.colour(), usual.width());
    }

    private static void confirm() throws Failure {
        String answer =
                Optional.ofNullable(System.console())
                        .map(console -> console.readLine("Start them? [Y/n] "))
                        .orElse("n");
        String said = answer.strip().toLowerCase(Locale.ROOT);
        if (!said.isEmpty() && !said.equals("y") && !said.equals("yes")) {
            throw new Failure(ExitCode.INTERRUPTED, "nothing was ordered");
        }
    }

    /// The order never takes a machine or node dearer than those that were shown.
    private static OrderSpec capped(OrderSpec spec, Quote quote) {
        Stream<Credits> prices =
                quote.nodes().isEmpty()
                        ? quote.machines().stream().map(Offer::ask).map(spec::pricePerHour)
                        : quote.nodes().stream().map(Quote.Node::pricePerHour);
        Credits dearest = prices.max(Credits::compareTo).orElse(spec.pricePerHourMax());
        return new OrderSpec(
                spec.name(),
                spec.image(),
                spec.machines(),
                spec.size(),
                dearest,
                spec.secondsMax(),
                spec.emulationAllowed(),
                spec.authorizedKeys(),
                spec.placement(),
                spec.where(),
                spec.checkpoints(),
                spec.volume(),
                spec.trafficMegabytes());
    }

    private int detached(Order order) {
        print(
                "sparegrid.order/1",
                order,
                () ->
                        terminal()
                                .print(
                                        "Ordered "
                                                + order.spec().name()
                                                + " ("
                                                + order.id()
                                                + "); "
                                                + (order.state() == OrderState.OPEN
                                                        ? Words.window(
                                                                        order,
                                                                        shell().clock().getZone())
                                                                + "; sparegrid order show "
                                                                + order.spec().name()
                                                        : "sparegrid vm ls")
                                                + " shows how it goes"));
        return 0;
    }

    private int attend(
            Coordinator coordinator, Order order, ClusterKey cluster, List<Handover.Item> given)
            throws IOException, RefusedException, Failure, InterruptedException {
        Thread stopper = new Thread(() -> stop(coordinator, order), "stop-order");
        Runtime.getRuntime().addShutdownHook(stopper);
        boolean ready = false;
        try {
            StartWatch watch =
                    new StartWatch(
                            shell(),
                            coordinator,
                            order.state() == OrderState.OPEN
                                    ? timeout.plus(waiting(order))
                                    : timeout);
            Order started = watch.untilReady(order);
            List<Handover.Item> items = new ArrayList<>(cluster.items(shell(), started));
            items.addAll(given);
            if (!items.isEmpty()) {
                Handover.give(shell(), started, items);
            }
            ready = true;
            Runtime.getRuntime().removeShutdownHook(stopper);
            print("sparegrid.order/1", started, () -> show(started));
            return 0;
        } finally {
            if (!ready) {
                try {
                    Runtime.getRuntime().removeShutdownHook(stopper);
                    stop(coordinator, order);
                } catch (IllegalStateException _) {
                    // The process is ending, and the hook does it.
                }
            }
        }
    }

    /// How long it may take until the order starts or is closed.
    private Duration waiting(Order order) {
        terminal().note(Words.window(order, shell().clock().getZone()));
        return Duration.between(order.created(), order.spec().placement().closes(order.created()));
    }

    private void stop(Coordinator coordinator, Order order) {
        try {
            coordinator.stop(order.id());
            terminal().note("Stopped the order " + order.spec().name());
        } catch (IOException | RefusedException failed) {
            terminal()
                    .note(
                            terminal().bad("error: ")
                                    + "could not stop the order: "
                                    + failed.getMessage()
                                    + "; run sparegrid order stop "
                                    + order.spec().name());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void show(Order order) {
        String name = order.spec().name();
        Credits perHour =
                order.leases().stream()
                        .map(Lease::pricePerHour)
                        .reduce(Credits.ZERO, Credits::plus);
        String first = order.leases().isEmpty() ? "node1" : order.leases().getFirst().name();
        terminal().print("");
        terminal()
                .print(
                        Words.plural(order.leases().size(), "machine")
                                + " on network "
                                + terminal().bold(name)
                                + ", "
                                + Plain.amount(perHour)
                                + " an hour while they run");
        terminal().print("  log in        sparegrid vm ssh " + first);
        terminal().print("  run           sparegrid vm exec " + first + " -- COMMAND");
        terminal().print("  fetch a file  sparegrid vm cp " + first + ":FILE .");
        terminal().print("  whole net     sparegrid net up " + name + "    (as root)");
        if (order.spec().volume().isWanted()) {
            terminal()
                    .print(
                            "  its volume    /dev/disk/by-id/virtio-volume; stop saves what is in it");
        }
        terminal().print("  stop          sparegrid order stop " + name);
    }
}
