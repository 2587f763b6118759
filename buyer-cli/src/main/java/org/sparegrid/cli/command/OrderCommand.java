// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.api.Orders;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `order` and what it holds.
@Command(
        name = "order",
        description = "Orders: what was rented together on one network.",
        subcommands = {
            OrderCommand.ListCommand.class,
            OrderCommand.Show.class,
            OrderCommand.Stop.class
        })
final class OrderCommand extends GroupCommand {
    @Command(name = "ls", description = "List orders, newest first.")
    static final class ListCommand extends DataCommand {
        @Option(
                names = {"-a", "--all"},
                description = "List those that are over, too.")
        private boolean all;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            List<Order> orders =
                    coordinator().orders().orders().stream()
                            .filter(order -> all || order.state() != OrderState.CLOSED)
                            .toList();
            print("sparegrid.orders/1", new Orders(orders), () -> show(orders));
            return 0;
        }

        private void show(List<Order> orders) {
            Table table = Table.of("name~", "id", "state", "machines>", "charged>", "placed");
            for (Order order : orders) {
                table.row(
                        order.spec().name(),
                        order.id().value(),
                        state(order),
                        Integer.toString(order.leases().size()),
                        Plain.amount(order.charged()),
                        Plain.time(order.created(), shell().clock().getZone()).substring(5));
            }
            terminal().print(table);
            if (orders.isEmpty()) {
                terminal().note("No order is under way" + (all ? "" : "; --all lists old ones"));
            }
        }
    }

    /// Where it stands, and whether it may be displaced.
    private static String state(Order order) {
        return Words.of(order.state())
                + (order.spec().placement().interruptible() ? ", interruptible" : "");
    }

    @Command(name = "show", description = "Show an order, its machines and its bill.")
    static final class Show extends DataCommand {
        @Parameters(paramLabel = "ORDER", description = "Its name or id.")
        private String name = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Order order = Choice.order(coordinator(), name);
            print("sparegrid.order/1", order, () -> show(order));
            return 0;
        }

        private void show(Order order) {
            terminal()
                    .print(
                            "order    "
                                    + order.id()
                                    + " "
                                    + terminal().bold(order.spec().name())
                                    + ", "
                                    + state(order));
            if (!order.reason().isEmpty()) {
                terminal().print("because  " + Plain.line(order.reason()));
            }
            terminal().print("placed   " + Plain.time(order.created(), shell().clock().getZone()));
            if (order.state() == OrderState.OPEN && !order.leases().isEmpty()) {
                terminal().print("start    its displaced machines are sought anew");
            } else if (order.state() == OrderState.OPEN) {
                terminal().print("start    " + Words.window(order, shell().clock().getZone()));
            }
            terminal().print("network  " + order.network());
            terminal().print("image    " + order.spec().image().value().substring(0, 12));
            if (order.spec().checkpoints().areWanted()) {
                Duration every = Duration.ofSeconds(order.spec().checkpoints().everySeconds());
                terminal().print("saved    every " + Plain.span(every));
            }
            terminal()
                    .print(
                            "charged  "
                                    + Plain.amount(order.charged())
                                    + ", still held "
                                    + Plain.amount(order.escrow()));
            terminal().print("");
            Table bill = Table.of("machine", "state", "seller~", "price/h>", "billed>", "charged>");
            for (Lease lease : order.leases()) {
                bill.row(
                        lease.name(),
                        Words.state(lease),
                        lease.sellerName(),
                        Plain.amount(lease.pricePerHour()),
                        lease.billedSeconds() + " s",
                        Plain.amount(lease.charged()));
            }
            terminal().print(bill);
            if (!order.bookings().isEmpty()) {
                terminal().print("");
                terminal().print(bookings(order));
            }
            order.leases().stream()
                    .filter(lease -> !lease.endsAt().isEmpty())
                    .forEach(lease ->
                            terminal()
                                    .print(
                                            lease.name()
                                                    + " "
                                                    + Words.end(lease, shell().clock().getZone())));
            order.leases().stream()
                    .filter(lease -> lease.traffic().isCharged())
                    .forEach(lease ->
                            terminal()
                                    .print(
                                            lease.name()
                                                    + " traffic: "
                                                    + Words.traffic(lease.traffic())));
        }
    }

    private static Table bookings(Order order) {
        Table table = Table.of("machine", "booking", "seller~", "price/h>", "charged>");
        for (Booking booking : order.bookings()) {
            table.row(
                    booking.name(),
                    Words.of(booking.state()),
                    booking.sellerName(),
                    Plain.amount(booking.pricePerHour()),
                    Plain.amount(booking.charged()));
        }
        return table;
    }

    @Command(name = "stop", description = "Stop an order and all its machines.")
    static final class Stop extends DataCommand {
        private static final Duration LOOK = Duration.ofSeconds(20);

        @Parameters(paramLabel = "ORDER", description = "Its name or id.")
        private String name = "";

        @Option(names = "--wait", description = "Wait until everything is settled.")
        private boolean wait;

        @Option(
                names = "--timeout",
                paramLabel = "TIME",
                defaultValue = "2m",
                converter = Units.SpanReader.class,
                description = "How long to wait (default: ${DEFAULT-VALUE}).")
        private Duration timeout = Duration.ofMinutes(2);

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Coordinator coordinator = coordinator();
            Order order = coordinator.stop(Choice.order(coordinator, name).id());
            Instant end = shell().clock().instant().plus(timeout);
            while (wait && order.state() != OrderState.CLOSED) {
                if (shell().clock().instant().isAfter(end)) {
                    throw new Failure(ExitCode.TIMEOUT, name + " is stopped but not settled yet");
                }
                order = coordinator.order(order.id(), order.version(), LOOK);
            }
            Order last = order;
            print(
                    "sparegrid.order/1",
                    last,
                    () ->
                            terminal()
                                    .print(
                                            last.state() == OrderState.CLOSED
                                                    ? "Stopped "
                                                            + last.spec().name()
                                                            + "; it cost "
                                                            + Plain.amount(last.charged())
                                                    : "Stopping "
                                                            + last.spec().name()
                                                            + "; sparegrid order show "
                                                            + last.spec().name()
                                                            + " has the bill"));
            return 0;
        }
    }
}
