// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Looks back at the market.
@Command(
        name = "market",
        description = "Look back at the market; may run beside a coordinator that serves.",
        subcommands = {
            MarketBookCommand.class,
            MarketStatsCommand.class,
            MarketPricesCommand.class,
            MarketReplayCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
final class MarketCommand implements Callable<Integer> {
    @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }
}
