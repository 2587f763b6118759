// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.sparegrid.cli.bridge.Ssh;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;

/// What each machine of an order gets from the buyer's own computer once it answers: it goes over
/// ssh, so that neither the image nor the coordinator ever holds it.
///
/// Source: docs/protocol/machine-context.md, what comes over ssh.
final class Handover {
    private static final int SECONDS_MAX = 180;

    private Handover() {}

    /// A file of the machine.
    ///
    /// @param path absolute, of letters, digits and `_./-` only
    /// @param mode octal permissions
    /// @param base64 its content, in lines
    record Item(String path, String mode, String base64) {
        Item {
            if (!path.matches("/[A-Za-z0-9_./-]{1,200}") || !mode.matches("0?[0-7]{3}")) {
                throw new IllegalArgumentException("handover: bad path or mode for " + path);
            }
        }

        static Item of(String path, String mode, byte[] content) {
            Base64.Encoder lines = Base64.getMimeEncoder(76, new byte[] {'\n'});
            return new Item(path, mode, lines.encodeToString(content));
        }

        /// It may be a key, so it does not show its content.
        @Override
        public String toString() {
            return path + " " + mode;
        }
    }

    /// Gives `items` to every machine of `order`, and last a file that says all are there.
    static void give(Shell shell, Order order, List<Item> items)
            throws IOException, Failure, InterruptedException {
        Ssh ssh = Reach.ssh(shell, order);
        byte[] script = script(peers(order), items).getBytes(StandardCharsets.US_ASCII);
        for (Lease lease : order.leases()) {
            deliver(
                    shellOf(ssh, lease),
                    lease.name(),
                    script,
                    "the cluster's key and data",
                    "an image without an ssh server needs --no-cluster-key and no data or secrets");
        }
    }

    /// Gives `items` to machines that have all else.
    static void put(Shell shell, Order order, List<Lease> machines, List<Item> items)
            throws IOException, Failure, InterruptedException {
        Ssh ssh = Reach.ssh(shell, order);
        StringBuilder script = folders();
        items.forEach(item -> append(script, item));
        byte[] bytes = script.toString().getBytes(StandardCharsets.US_ASCII);
        List<String> given = new ArrayList<>();
        for (Lease machine : machines) {
            String name = machine.name();
            deliver(shellOf(ssh, machine), name, bytes, "its secrets", putAgain(given, name));
            given.add(name);
        }
    }

    /// The order's machines, a line each: name, address, rank.
    static Item peers(Order order) {
        String lines =
                order.leases().stream()
                        .map(lease ->
                                lease.name() + " " + lease.address() + " " + lease.rank() + "\n")
                        .collect(Collectors.joining());
        return Item.of("/run/sparegrid/peers", "0644", lines.getBytes(StandardCharsets.UTF_8));
    }

    /// A shell script that writes the files, each at once with its final name.
    static String script(Item peers, List<Item> items) {
        StringBuilder script = folders();
        append(script, peers);
        items.forEach(item -> append(script, item));
        return script.append(": >/run/sparegrid/complete\nchmod 644 /run/sparegrid/complete\n")
                .toString();
    }

    private static StringBuilder folders() {
        return new StringBuilder("set -e\numask 077\n")
                .append("mkdir -p /run/sparegrid /run/sparegrid/secrets /root/.ssh\n")
                .append("chmod 755 /run/sparegrid\n");
    }

    private static void append(StringBuilder script, Item item) {
        String part = item.path() + ".part";
        script.append("base64 -d >").append(part).append(" <<'END'\n");
        script.append(item.base64());
        script.append("\nEND\nchmod ").append(item.mode()).append(' ').append(part);
        script.append("\nmv ").append(part).append(' ').append(item.path()).append('\n');
    }

    /// Runs `script` on a machine.
    ///
    /// @param command `ssh` to the machine, which reads the script
    /// @param what is given
    /// @param remedy what helps if the machine lets nobody in
    static void deliver(
            List<String> command, String machine, byte[] script, String what, String remedy)
            throws IOException, Failure, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(script);
        } catch (IOException ended) {
            // Its exit code says the same, with a reason.
        }
        String said = new String(process.getInputStream().readNBytes(4000), StandardCharsets.UTF_8);
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new Failure(ExitCode.TIMEOUT, "ssh to " + machine + " does not end");
        }
        if (process.exitValue() == Ssh.NOT_CONNECTED) {
            throw new Failure(
                    ExitCode.UNREACHABLE,
                    "can't log in to "
                            + machine
                            + " to give it "
                            + what
                            + ": "
                            + said.strip()
                            + "; "
                            + remedy);
        }
        if (process.exitValue() != 0) {
            throw new Failure(
                    ExitCode.FAILED, machine + " could not write " + what + ": " + said.strip());
        }
    }

    private static List<String> shellOf(Ssh ssh, Lease machine) {
        return ssh.ssh(machine, List.of("-T", "-o", "BatchMode=yes"), List.of("sh -s"));
    }

    /// What helps if a machine does not take secrets: those before it have theirs.
    static String putAgain(List<String> given, String machine) {
        return (given.isEmpty()
                        ? "no machine has them yet"
                        : String.join(", ", given) + " already has them, others do not")
                + "; give the command again once sparegrid vm ssh "
                + machine
                + " works";
    }
}
