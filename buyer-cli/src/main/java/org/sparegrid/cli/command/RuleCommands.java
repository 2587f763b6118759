// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Rules;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands about whom the account deals with.
final class RuleCommands {
    private RuleCommands() {}

    /// What `block` and `allow` have in common.
    abstract static class PutCommand extends DataCommand {
        @Parameters(
                paramLabel = "WHOM",
                description = "A seller's computer (8 digits or more) or an account.")
        private String subject = "";

        @Option(
                names = "--selling",
                description = "For your own computers: WHOM is a buyer's account.")
        private boolean selling;

        abstract Rule.Kind kind();

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Rule rule;
            try {
                rule = new Rule(selling ? Rule.Side.SELLING : Rule.Side.BUYING, kind(), subject);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            show(this, coordinator().putRule(rule));
            return 0;
        }
    }

    @Command(
            name = "block",
            description = "Never deal with someone; holds for every order from now on.")
    static final class Block extends PutCommand {
        @Override
        Rule.Kind kind() {
            return Rule.Kind.BLOCK;
        }
    }

    @Command(
            name = "allow",
            description = "Deal with someone, and with nobody whom no such rule names.")
    static final class Allow extends PutCommand {
        @Override
        Rule.Kind kind() {
            return Rule.Kind.ALLOW;
        }
    }

    @Command(name = "rules", description = "List whom you block and allow, or remove a rule.")
    static final class List extends DataCommand {
        @Option(
                names = "--remove",
                paramLabel = "WHOM",
                description = "Remove the rule about a seller or an account.")
        private @Nullable String removed;

        @Option(names = "--selling", description = "The rule to remove is about a buyer.")
        private boolean selling;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Rule.Side side = selling ? Rule.Side.SELLING : Rule.Side.BUYING;
            String subject = removed;
            if (subject != null && !subject.matches("[0-9a-zA-Z-]{8,40}")) {
                throw new Failure(ExitCode.USAGE, "--remove: expected what sparegrid rules shows");
            }
            show(
                    this,
                    subject == null
                            ? coordinator().rules()
                            : coordinator().removeRule(side, subject));
            return 0;
        }
    }

    private static void show(DataCommand command, Rules rules) {
        command.print(
                "sparegrid.rules/1",
                rules,
                () -> {
                    Table table = Table.of("when", "rule", "whom~");
                    for (Rule rule : rules.rules()) {
                        table.row(
                                rule.side() == Rule.Side.BUYING ? "buying" : "selling",
                                rule.kind() == Rule.Kind.BLOCK ? "block" : "allow",
                                rule.subject());
                    }
                    command.terminal().print(table);
                    if (rules.rules().isEmpty()) {
                        command.terminal().note("No rules; everybody deals with you");
                    }
                });
    }
}
