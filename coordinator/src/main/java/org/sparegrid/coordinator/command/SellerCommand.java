// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.json.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Shows computers and takes them off the market.
@Command(
        name = "seller",
        description =
                "Show sellers' computers and take them off the market; may run beside a"
                        + " coordinator.",
        subcommands = {
            SellerCommand.Show.class,
            SellerCommand.Suspend.class,
            SellerCommand.Resume.class,
            SellerCommand.ListCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class SellerCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// The one computer whose identifier begins so.
    private static SellerId find(Database database, String digits) throws IOException {
        List<SellerId> found =
                digits.matches("[0-9a-f]{8,40}")
                        ? database.read(tx -> tx.sellers().startingWith(digits))
                        : List.of();
        if (found.size() != 1) {
            throw new IOException(
                    digits
                            + ": expected 8 to 40 digits that one seller's computer begins with, "
                            + found.size()
                            + " do");
        }
        return found.getFirst();
    }

    /// Takes one off the market.
    @Command(
            name = "suspend",
            description =
                    "Sell nothing of a computer from the next second on; what runs there goes on.")
    static final class Suspend implements Callable<Integer> {
        private static final int REASON_MAX = 500;

        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "SELLER", description = "8 digits of the computer or more.")
        String digits = "";

        @Option(names = "--reason", required = true, description = "Why, for the records.")
        String reason = "";

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            if (reason.isBlank() || reason.length() > REASON_MAX) {
                throw new IOException("--reason: expected 1 to " + REASON_MAX + " characters");
            }
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                SellerId seller = find(database, digits);
                database.write(tx -> {
                    Instant now = Instant.now();
                    tx.suspensions().put(seller, reason, now);
                    tx.audit()
                            .add(home.operator(), "seller-suspended", seller.value(), reason, now);
                    return true;
                });
                spec.commandLine().getOut().println("suspended " + seller);
            }
            return 0;
        }
    }

    /// Lets one sell again.
    @Command(name = "resume", description = "Let a computer sell again.")
    static final class Resume implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "SELLER", description = "8 digits of the computer or more.")
        String digits = "";

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                SellerId seller = find(database, digits);
                boolean was =
                        database.write(tx -> {
                            boolean suspended = tx.suspensions().delete(seller);
                            if (suspended) {
                                tx.audit()
                                        .add(
                                                home.operator(),
                                                "seller-resumed",
                                                seller.value(),
                                                "",
                                                Instant.now());
                            }
                            return suspended;
                        });
                spec.commandLine()
                        .getOut()
                        .println(seller + (was ? " sells again" : " was not suspended"));
            }
            return 0;
        }
    }

    /// Lists those that are off the market.
    @Command(name = "ls", description = "List the suspended computers with the reasons.")
    static final class ListCommand implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        /// What there is.
        record View(List<Row> suspended) {}

        /// A computer that is off the market.
        record Row(String seller, String reason) {}

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                Map<SellerId, String> all = database.read(tx -> tx.suspensions().all());
                if (json) {
                    List<Row> rows =
                            all.entrySet().stream()
                                    .map(each -> new Row(each.getKey().value(), each.getValue()))
                                    .toList();
                    spec.commandLine()
                            .getOut()
                            .println(
                                    Format.JSON.writeWithSchema(
                                            "sparegrid.suspensions/1", new View(rows)));
                    return 0;
                }
                all.forEach((seller, reason) ->
                        spec.commandLine().getOut().println(seller + "  " + reason));
                if (all.isEmpty()) {
                    spec.commandLine().getOut().println("no computer is suspended");
                }
            }
            return 0;
        }
    }

    /// Shows one.
    @Command(
            name = "show",
            description =
                    "Show a computer: its owner, its record, what buyers say of it and what runs"
                            + " there.")
    static final class Show implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "SELLER", description = "8 digits of the computer or more.")
        String digits = "";

        @Option(names = "--json", description = "Print the result as JSON.")
        boolean json;

        @Override
        public Integer call() throws Exception {
            Settings settings = home.settings();
            try (Database database = Database.open(settings.store(home.folder()), 1)) {
                SellerId seller = find(database, digits);
                SellerReport report = database.read(tx -> SellerReport.of(tx, seller));
                if (json) {
                    spec.commandLine()
                            .getOut()
                            .println(Format.JSON.writeWithSchema("sparegrid.seller/1", report));
                } else {
                    report.print(spec.commandLine().getOut());
                }
            }
            return 0;
        }
    }
}
