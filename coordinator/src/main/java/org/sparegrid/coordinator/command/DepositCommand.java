// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.trade.Providers;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What the operator does with people's payments.
@Command(
        name = "deposit",
        description = "Give payments back; may run beside a coordinator.",
        subcommands = {DepositCommand.Refund.class},
        synopsisSubcommandLabel = "COMMAND")
final class DepositCommand implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return 2;
    }

    /// Work with the payment provider.
    @FunctionalInterface
    interface Work<T> {
        T run(Providers providers) throws IOException;
    }

    static <T> T withProvider(CoordinatorCommand.Home home, Work<T> work) throws Exception {
        Settings settings = home.settings();
        InstantSource clock = InstantSource.system();
        PaymentProvider provider =
                new PaymentChoice(home.folder(), settings.payments(), System.getenv(), clock)
                        .make()
                        .apply(_ -> {});
        try (Database database = Database.open(settings.store(home.folder()), 1)) {
            return work.run(new Providers(database, provider, home.operator(), clock));
        }
    }

    /// Gives a payment back.
    @Command(
            name = "refund",
            description =
                    "Have the payment provider give a whole payment back, with the commission, as"
                            + " far as the wallet still holds it.")
    static final class Refund implements Callable<Integer> {
        @Mixin CoordinatorCommand.Home home = new CoordinatorCommand.Home();
        @Spec CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "DEPOSIT", description = "The payment, as dep-….")
        String deposit = "";

        @Override
        public Integer call() throws Exception {
            DepositId id = new DepositId(deposit);
            Deposit.State state = withProvider(home, providers -> providers.refund(id));
            spec.commandLine()
                    .getOut()
                    .println(
                            state == Deposit.State.REFUNDED
                                    ? deposit + " is given back"
                                    : deposit + " is being given back; it is " + state + " still");
            return 0;
        }
    }
}
