// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// The commands about secrets of machines that run already.
@Command(
        name = "secret",
        description = "Give secrets to machines that proved what their order asks for.",
        subcommands = SecretCommand.Put.class)
final class SecretCommand extends GroupCommand {
    SecretCommand() {}

    private record Given(List<String> machines) {}

    @Command(
            name = "put",
            description = {
                "Give each machine of an order FILE as /run/sparegrid/secrets/NAME,",
                "if the newest evidence of every one of them holds now. It goes over",
                "the network that only such machines are on."
            })
    static final class Put extends DataCommand {
        @Parameters(index = "0", paramLabel = "ORDER", description = "The order, or its name.")
        private String name = "";

        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "NAME=FILE",
                description = "The secret's name and its file, 64 KiB at most.")
        private Map<String, Path> secrets = Map.of();

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            List<Handover.Item> items = GivenFiles.secrets(secrets);
            Order order = Choice.order(coordinator(), name);
            List<Lease> machines =
                    order.leases().stream().filter(each -> each.state().isLive()).toList();
            if (machines.isEmpty()) {
                throw new Failure(ExitCode.NOT_FOUND, name + " has no machine that runs");
            }
            // All of them first: machines of an order log in to each other.
            for (Lease machine : machines) {
                Proof.of(shell(), order, machine).require(shell().clock().instant());
            }
            Handover.put(shell(), order, machines, items);
            List<String> names = machines.stream().map(Lease::name).toList();
            print(
                    "sparegrid.secret/1",
                    new Given(names),
                    () -> terminal().print("Given to " + String.join(", ", names)));
            return ExitCode.OK.number();
        }
    }
}
