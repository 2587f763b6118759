// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.sparegrid.cli.bridge.ControlClient;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;

/// Waits for an order's machines and shows how far they are.
final class StartWatch {
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final Duration REDRAW = Duration.ofMillis(200);
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(500);

    private final Shell shell;
    private final Coordinator coordinator;
    private final long startNanos = System.nanoTime();
    private final long endNanos;
    private final Duration timeout;
    private final StartProgress progress = new StartProgress(startNanos);
    private final Set<String> answering = ConcurrentHashMap.newKeySet();
    private int drawnLines;

    StartWatch(Shell shell, Coordinator coordinator, Duration timeout) {
        this.shell = shell;
        this.coordinator = coordinator;
        this.timeout = timeout;
        this.endNanos = startNanos + timeout.toNanos();
    }

    /// Waits until ssh answers on every machine.
    Order untilReady(Order placed)
            throws IOException, RefusedException, Failure, InterruptedException {
        AtomicReference<Order> newest = new AtomicReference<>(placed);
        AtomicReference<Exception> broken = new AtomicReference<>();
        Thread following = Thread.ofVirtual().start(() -> follow(newest, broken));
        boolean probing = false;
        try {
            while (true) {
                Order order = newest.get();
                show(order);
                checkEnded(order);
                if (order.state() != OrderState.OPEN
                        && order.leases().stream().allMatch(l -> answering.contains(l.name()))) {
                    return order;
                }
                rethrow(broken.get());
                if (System.nanoTime() > endNanos) {
                    throw new Failure(
                            ExitCode.TIMEOUT, "not ready within " + timeout.toSeconds() + " s");
                }
                if (!probing && order.leases().stream().anyMatch(StartWatch::isUp)) {
                    probing = true;
                    Thread.ofVirtual().start(() -> probe(newest, broken));
                }
                Thread.sleep(REDRAW);
            }
        } finally {
            following.interrupt();
        }
    }

    private static boolean isUp(Lease lease) {
        return lease.state() == LeaseState.RUNNING;
    }

    private void follow(AtomicReference<Order> newest, AtomicReference<Exception> broken) {
        try {
            while (!Thread.interrupted()) {
                Order known = newest.get();
                newest.set(coordinator.order(known.id(), known.version(), LOOK));
            }
        } catch (IOException | RefusedException failed) {
            broken.set(failed);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Asks every machine that is up for its ssh greeting, through the network's daemon.
    private void probe(AtomicReference<Order> newest, AtomicReference<Exception> broken) {
        try {
            Order order = newest.get();
            Reach.daemon(shell, order);
            ControlClient control =
                    new ControlClient(shell.context().network(order.network()).socket());
            while (answering.size() < order.leases().size() && System.nanoTime() < endNanos) {
                for (Lease lease : newest.get().leases()) {
                    if (isUp(lease)
                            && !answering.contains(lease.name())
                            && greets(control, lease)) {
                        answering.add(lease.name());
                    }
                }
                Thread.sleep(BETWEEN_PROBES);
            }
        } catch (IOException failed) {
            broken.set(failed);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean greets(ControlClient control, Lease lease) {
        try (SocketChannel channel = control.connect(lease.name(), 22)) {
            ByteBuffer greeting = ByteBuffer.allocate(4);
            while (greeting.hasRemaining()) {
                if (channel.read(greeting) < 0) {
                    return false;
                }
            }
            return new String(greeting.array(), StandardCharsets.US_ASCII).equals("SSH-");
        } catch (IOException notYet) {
            return false;
        }
    }

    private void show(Order order) {
        long now = System.nanoTime();
        boolean live = shell.terminal().interactive();
        for (Lease lease : order.leases()) {
            for (StartProgress.Ended ended :
                    progress.observe(lease, answering.contains(lease.name()), now)) {
                if (!live) {
                    shell.terminal().note(ended.line());
                }
            }
        }
        if (live) {
            List<String> lines = progress.table(shell.terminal().width() - 1, now);
            StringBuilder screen = new StringBuilder();
            if (drawnLines > 0) {
                screen.append("\u001b[").append(drawnLines).append('A');
            }
            lines.forEach(line -> screen.append("\r\u001b[K").append(line).append('\n'));
            drawnLines = lines.size();
            shell.terminal().err().print(screen);
            shell.terminal().err().flush();
        }
    }

    private static void checkEnded(Order order) throws Failure {
        if (order.state() == OrderState.CLOSED && order.leases().isEmpty()) {
            throw new Failure(
                    ExitCode.NOT_FOUND,
                    "the order ended while it waited: " + Plain.line(order.reason()));
        }
        for (Lease lease : order.leases()) {
            if (!lease.state().isLive()) {
                String detail = lease.events().isEmpty() ? "" : lease.events().getLast().detail();
                throw new Failure(
                        ExitCode.GUEST,
                        lease.name()
                                + " at "
                                + lease.sellerName()
                                + " ended before it was ready: "
                                + Words.state(lease)
                                + (detail.isEmpty() ? "" : ", " + detail));
            }
        }
    }

    private static void rethrow(@org.jspecify.annotations.Nullable Exception failure)
            throws IOException, RefusedException {
        switch (failure) {
            case IOException broken -> throw broken;
            case RefusedException refused -> throw refused;
            case null, default -> {
                return;
            }
        }
    }
}
