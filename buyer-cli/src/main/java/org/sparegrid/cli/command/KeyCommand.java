// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ApiKey.Scope;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `key` and the API keys of the account.
@Command(
        name = "key",
        description = "API keys: let programs act for you, within bounds.",
        subcommands = {
            KeyCommand.CreateCommand.class,
            KeyCommand.ListCommand.class,
            KeyCommand.RevokeCommand.class
        })
final class KeyCommand extends GroupCommand {
    @Command(
            name = "create",
            description = {
                "Make a key and print it; it is shown only now.",
                "",
                "Scopes: read sees everything and changes nothing; order buys: images,",
                "orders, machines, networks; sell makes join tokens; wallet pays in,",
                "gives and has paid out. No key makes keys, rules or sets the image key."
            },
            footer =
                    "Example: sparegrid key create ci --scope read,order --spend-max 5 \\%n"
                            + "           > key; SPAREGRID_TOKEN=$(cat key) sparegrid vm ls")
    static final class CreateCommand extends DataCommand {
        @Parameters(paramLabel = "NAME", description = "What you call it.")
        private String name = "";

        @Option(
                names = "--scope",
                paramLabel = "SCOPE",
                split = ",",
                defaultValue = "read",
                description = "read, order, sell, wallet (default: ${DEFAULT-VALUE}).")
        private List<Scope> scopes = new ArrayList<>();

        @Option(
                names = "--spend-max",
                paramLabel = "AMOUNT",
                defaultValue = "0",
                converter = Units.AmountReader.class,
                description = {
                    "The most that may leave the account by it in all: held for orders,",
                    "given, paid out (default: ${DEFAULT-VALUE})."
                })
        private Credits spendMax = Credits.ZERO;

        @Option(
                names = "--for",
                paramLabel = "TIME",
                defaultValue = "365d",
                converter = Units.SpanReader.class,
                description = "How long it can be used, in days (default: ${DEFAULT-VALUE}).")
        private Duration lifetime = Duration.ofDays(365);

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            ApiKey.Request request;
            try {
                request = new ApiKey.Request(name, scopes, spendMax, (int) lifetime.toDays());
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            ApiKey.Made made = coordinator().makeKey(request);
            print(
                    "sparegrid.made-key/1",
                    made,
                    () -> {
                        terminal().print(made.token());
                        terminal()
                                .note("Its name is " + made.key().id() + "; it is not shown again");
                    });
            return 0;
        }
    }

    @Command(name = "ls", description = "List the account's keys and what was spent by each.")
    static final class ListCommand extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            ApiKey.Page page = coordinator().keys();
            print("sparegrid.keys/1", page, () -> show(this, page.keys()));
            return 0;
        }
    }

    @Command(
            name = "revoke",
            description = "End a key at once; what it ordered runs on and can be stopped.")
    static final class RevokeCommand extends DataCommand {
        @Parameters(paramLabel = "KEY", description = "Its name, as key ls shows it.")
        private String id = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            KeyId key;
            try {
                key = new KeyId(id);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            ApiKey revoked = coordinator().revokeKey(key);
            print("sparegrid.key/1", revoked, () -> show(this, List.of(revoked)));
            return 0;
        }
    }

    private static void show(DataCommand command, List<ApiKey> keys) {
        Table table = Table.of("key", "name~", "scopes~", "spent>", "of>", "until", "state");
        for (ApiKey key : keys) {
            table.row(
                    key.id().value(),
                    key.name(),
                    key.scopes().stream().map(Words::of).collect(Collectors.joining(",")),
                    Plain.amount(key.spent()),
                    Plain.amount(key.spendMax()),
                    Plain.time(key.expires(), command.shell().clock().getZone()).substring(0, 10),
                    Words.of(key.state()));
        }
        command.terminal().print(table);
        if (keys.isEmpty()) {
            command.terminal().note("No keys; sparegrid key create NAME makes one");
        }
    }
}
