// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.client.UnreachableException;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderState;

/// Finds what a person means by a name.
final class Choice {
    private Choice() {}

    /// A machine and the order it belongs to.
    record Machine(Order order, Lease lease) {}

    /// The image of that name, the newest of several, or the one whose identifier begins so.
    static ImageSummary image(Coordinator coordinator, String name)
            throws IOException, RefusedException, Failure, InterruptedException {
        List<ImageSummary> images = coordinator.images().images();
        for (ImageSummary image : images) {
            if (image.name().equals(name)) {
                return image;
            }
        }
        List<ImageSummary> byId =
                name.matches("[0-9a-f]{4,64}")
                        ? images.stream().filter(i -> i.id().value().startsWith(name)).toList()
                        : List.of();
        if (byId.size() == 1) {
            return byId.getFirst();
        }
        throw new Failure(
                ExitCode.NOT_FOUND,
                byId.isEmpty()
                        ? "there is no image '" + name + "'; see sparegrid image ls"
                        : "several images begin with " + name + "; give more digits");
    }

    /// The order, by its identifier, by its network's, or by its name: a live one if there is one,
    /// else the newest.
    static Order order(Coordinator coordinator, String name)
            throws IOException, RefusedException, Failure, InterruptedException {
        List<Order> orders = coordinator.orders().orders();
        for (Order order : orders) {
            if (order.id().value().equals(name) || order.network().value().equals(name)) {
                return order;
            }
        }
        List<Order> named = orders.stream().filter(o -> o.spec().name().equals(name)).toList();
        return named.stream()
                .filter(Choice::isLive)
                .findFirst()
                .or(() -> named.stream().findFirst())
                .orElseThrow(() ->
                        new Failure(
                                ExitCode.NOT_FOUND,
                                "there is no order '" + name + "'; see sparegrid order ls"));
    }

    /// The one live order, or the one that is named.
    ///
    /// @param name empty for the only live one
    static Order network(Coordinator coordinator, String name)
            throws IOException, RefusedException, Failure, InterruptedException {
        if (!name.isEmpty()) {
            return order(coordinator, name);
        }
        List<Order> live = coordinator.orders().orders().stream().filter(Choice::isLive).toList();
        if (live.size() == 1) {
            return live.getFirst();
        }
        throw new Failure(
                live.isEmpty() ? ExitCode.NOT_FOUND : ExitCode.USAGE,
                live.isEmpty()
                        ? "no order is under way; sparegrid run starts one"
                        : "several orders are under way; say which: " + names(live));
    }

    /// The machine `node1` of the only live order that has one, `node1.ORDER`, or the one with that
    /// identifier. Machines that live go before those that have ended.
    static Machine machine(Coordinator coordinator, String name)
            throws IOException, RefusedException, Failure, InterruptedException {
        return machine(coordinator.orders().orders(), name);
    }

    private static Machine machine(List<Order> orders, String name) throws Failure {
        int dot = name.indexOf('.');
        String host = dot < 0 ? name : name.substring(0, dot);
        String orderName =
                dot < 0 ? "" : name.substring(dot + 1).replaceAll("[.]grid[.]internal$", "");
        List<Machine> found = new ArrayList<>();
        for (Order order : orders) {
            for (Lease lease : order.leases()) {
                boolean named = lease.name().equals(host);
                boolean ofOrder =
                        orderName.isEmpty()
                                || order.spec().name().equals(orderName)
                                || order.id().value().equals(orderName);
                if (lease.id().value().equals(name) || (named && ofOrder)) {
                    found.add(new Machine(order, lease));
                }
            }
        }
        List<Machine> live = found.stream().filter(m -> m.lease().state().isLive()).toList();
        if (live.size() > 1) {
            throw new Failure(
                    ExitCode.USAGE,
                    "several orders have a machine "
                            + host
                            + "; say which: "
                            + String.join(
                                    ", ",
                                    live.stream()
                                            .map(m -> host + "." + m.order().spec().name())
                                            .toList()));
        }
        return live.stream()
                .findFirst()
                .or(() -> found.stream().findFirst())
                .orElseThrow(() ->
                        new Failure(
                                ExitCode.NOT_FOUND,
                                "there is no machine '" + name + "'; see sparegrid vm ls"));
    }

    /// Such a machine, if it is up.
    ///
    /// While the coordinator is away, what it last said of the networks that this computer is on
    /// serves instead: they work on without it.
    static Machine running(Shell shell, Coordinator coordinator, String name)
            throws IOException, RefusedException, Failure, InterruptedException {
        Machine machine;
        try {
            machine = machine(coordinator, name);
            shell.context().network(machine.order().network()).remember(machine.order());
        } catch (UnreachableException away) {
            List<Order> remembered = new ArrayList<>();
            for (NetworkFolder network : shell.context().networks()) {
                network.remembered().ifPresent(remembered::add);
            }
            if (remembered.isEmpty()) {
                throw away;
            }
            machine = machine(remembered, name);
            shell.terminal().note(away.getMessage() + "; going by what it said before");
        }
        if (machine.lease().state() != LeaseState.RUNNING) {
            throw new Failure(
                    ExitCode.UNREACHABLE,
                    name
                            + " is not running, it is "
                            + Words.of(machine.lease().state())
                            + "; see sparegrid vm show "
                            + name);
        }
        return machine;
    }

    static boolean isLive(Order order) {
        return order.state().compareTo(OrderState.RUNNING) <= 0;
    }

    private static String names(List<Order> orders) {
        return String.join(", ", orders.stream().map(o -> o.spec().name()).toList());
    }
}
