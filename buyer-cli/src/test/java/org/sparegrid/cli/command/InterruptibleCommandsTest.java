// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.Images;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Orders;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;

/// What the commands say of interruptible orders.
class InterruptibleCommandsTest {
    @TempDir Path home;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private FakeCoordinator fake;

    @BeforeEach
    void open() throws Exception {
        fake = FakeCoordinator.open();
        fake.on("GET /v1/orders", new Orders(List.of(told(OrderState.RUNNING))));
        fake.on(
                "GET /v1/images",
                new Images(
                        List.of(
                                new ImageSummary(
                                        Samples.IMAGE, "mpi", 181_000_000, 2790, Samples.START))));
        fake.on("GET /v1/wallet", new Wallet(Credits.parse("19.4"), Credits.ZERO, Credits.ZERO));
        fake.on("POST /v1/quotes", Samples.quote(0, List.of()));
        Order made = told(OrderState.STARTING);
        fake.on("POST /v1/orders", _ -> Reply.of(201, made));
    }

    @AfterEach
    void close() {
        fake.close();
    }

    /// An interruptible order whose machine was told when it ends.
    private static Order told(OrderState state) throws Exception {
        Order order =
                Samples.order(
                        state, Samples.lease("node1", LeaseState.RUNNING, LeaseProgress.NONE));
        String text =
                new String(Format.JSON.write(order), StandardCharsets.UTF_8)
                        .replace("\"interruptible\":false", "\"interruptible\":true")
                        .replace("\"endsAt\":\"\"", "\"endsAt\":\"2026-11-21T10:06:30Z\"");
        return Format.JSON.read(text, Order.class);
    }

    @Test
    void asksForInterruptibleMachines() throws Exception {
        assertThat(run("run", "mpi", "--name", "spare", "--interruptible", "--yes", "--detach"))
                .isZero();
        assertThat(fake.requests().getLast().as(OrderRequest.class).spec().placement())
                .matches(placement -> placement.interruptible() && !placement.firm());
        assertThat(text())
                .contains("Interruptible: a firm order that waits may displace them, after notice");
        assertThat(run("quote", "mpi", "--interruptible", "--firm")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("interruptible: expected an order that isn't firm");
        assertThat(run("quote", "mpi", "--interruptible", "--reliability", "0.9")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("interruptible: expected no reliability");
    }

    @Test
    void saysWhenAMachineEnds() throws Exception {
        String end = "ends at 2026-11-21 10:06:30, displaced by a firm order";
        assertThat(run("order", "show", "demo")).isZero();
        assertThat(text()).contains("demo, running, interruptible\n").contains("node1 " + end);
        assertThat(run("vm", "show", "node1")).isZero();
        assertThat(text()).contains("end      " + end + "\n");
        assertThat(run("order", "ls")).isZero();
        assertThat(text()).contains("  running, interruptible  ");
        assertThat(run("vm", "show", "node1", "--json")).isZero();
        assertThat(text()).contains("\"endsAt\" : \"2026-11-21T10:06:30Z\"");
        assertThat(run("order", "show", "demo", "--json")).isZero();
        assertThat(text()).contains("\"interruptible\" : true");
    }

    @Test
    void saysThatDisplacedMachinesAreSought() throws Exception {
        Lease over = told(OrderState.OPEN).leases().getFirst();
        assertThat(Words.state(ended(over))).isEqualTo("displaced");
        fake.on("GET /v1/orders", new Orders(List.of(told(OrderState.OPEN))));
        assertThat(run("order", "show", "demo")).isZero();
        assertThat(text()).contains("start    its displaced machines are sought anew\n");
    }

    @Test
    void explainsWhatCouldBeDisplaced() throws Exception {
        Explanation some = Samples.explanation();
        String text =
                new String(Format.JSON.write(some), StandardCharsets.UTF_8)
                        .replace("\"displaceable\":0", "\"displaceable\":1");
        fake.on("POST /v1/explanations", Format.JSON.read(text, Explanation.class));
        assertThat(run("explain", "-n", "2", "kvm")).isEqualTo(3);
        assertThat(text())
                .contains(
                        "1 interruptible machine could be displaced by an order that waits; see"
                                + " --wait\n");
    }

    @Test
    void reservesMachinesAndShowsThem() throws Exception {
        assertThat(
                        run(
                                "run",
                                "mpi",
                                "--name",
                                "later",
                                "--reserve",
                                "--start-after",
                                "6h",
                                "--max-price",
                                "0.1",
                                "--yes",
                                "--detach"))
                .isZero();
        assertThat(fake.requests().getLast().as(OrderRequest.class).spec().placement())
                .isEqualTo(new Placement(0, 0, 0, false, false, true, 21_600, 600, 0));
        assertThat(text())
                .contains("Reserved: free to stop until an hour before, then at most ten minutes'");
        assertThat(run("quote", "mpi", "--reserve")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("reserve: expected a start that is later");
        assertThat(run("quote", "mpi", "--reserve", "--start-after", "6h", "--reliability", "0.9"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("reserve: expected an order of single machines");
        fake.on("GET /v1/orders", new Orders(List.of(booked())));
        assertThat(run("order", "show", "demo")).isZero();
        assertThat(text())
                .contains("start    its machines are bound to it from 2026-11-21 16:00:00 on\n")
                .contains("machine  booking  seller       price/h  charged\n")
                .contains("node1    bound    living room   0.0500");
    }

    private static Order booked() throws Exception {
        String text =
                new String(Format.JSON.write(told(OrderState.OPEN)), StandardCharsets.UTF_8)
                        .replace("\"interruptible\":true", "\"interruptible\":false")
                        .replace("\"reserved\":false", "\"reserved\":true")
                        .replace("\"startAfterSeconds\":0", "\"startAfterSeconds\":21600")
                        .replace("\"waitSecondsMax\":0", "\"waitSecondsMax\":600");
        Order order = Format.JSON.read(text, Order.class);
        Booking booking =
                new Booking(
                        "node1",
                        Samples.SELLER,
                        "living room",
                        Credits.parse("0.05"),
                        Samples.START.plusSeconds(21_600),
                        Samples.START.plusSeconds(28_800),
                        Booking.State.BOUND,
                        Credits.ZERO);
        return new Order(
                order.id(),
                order.version(),
                order.spec(),
                order.network(),
                order.state(),
                order.reason(),
                order.created(),
                order.escrow(),
                order.charged(),
                List.of(),
                List.of(booking));
    }

    private static Lease ended(Lease lease) throws Exception {
        String text =
                new String(Format.JSON.write(lease), StandardCharsets.UTF_8)
                        .replace(
                                "\"state\":\"RUNNING\",\"progress\"",
                                "\"state\":\"SETTLED\",\"progress\"")
                        .replace("\"ended\":\"\"", "\"ended\":\"PREEMPTED\"");
        return Format.JSON.read(text, Lease.class);
    }

    private int run(String... words) throws Exception {
        out.reset();
        err.reset();
        Context context = Context.of(Map.of("SPAREGRID_HOME", home.toString()));
        if (context.settings().isEmpty()) {
            context.save(fake.settings(), "secret");
        }
        Terminal terminal =
                new Terminal(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        false,
                        80);
        Shell shell =
                new Shell(
                        terminal,
                        Map.of(),
                        context,
                        Clock.fixed(Instant.parse("2026-11-21T10:05:00Z"), ZoneOffset.UTC));
        return Sparegrid.commandLine(shell, List.of(words)).execute(words);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
