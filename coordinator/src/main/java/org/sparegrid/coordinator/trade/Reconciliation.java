// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Standing;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.DepositTable;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;

/// Asks the payment provider how each payment stands, and compares that with the books. Nothing is
/// changed.
public final class Reconciliation {
    /// Payments that are read at once.
    private static final int PAGE = 200;

    /// Answers that may fail one after the other, before the provider is given up.
    private static final int FAILURES_MAX = 3;

    private final Database database;
    private final PaymentProvider provider;
    private final List<Difference> differences = new ArrayList<>();
    private int asked;
    private int others;
    private int failures;
    private Credits received = Credits.ZERO;
    private Credits gone = Credits.ZERO;

    /// A payment of which the provider says something else than the books.
    public record Difference(DepositId deposit, String what) {}

    /// What was found.
    ///
    /// @param provider who was asked
    /// @param asked how many payments he was asked about
    /// @param others payments of other providers, whom nobody asked
    /// @param received what the books have of the payments that he was asked about
    /// @param gone what of that went back
    public record Result(
            String provider,
            int asked,
            int others,
            Credits received,
            Credits gone,
            List<Difference> differences) {}

    public Reconciliation(Database database, PaymentProvider provider) {
        this.database = database;
        this.provider = provider;
    }

    /// Looks at the payments that were begun from then on.
    ///
    /// @throws IOException if the provider doesn't answer
    public Result run(Instant since) throws IOException {
        Optional<DepositId> last = Optional.empty();
        List<DepositTable.Row> page;
        do {
            Optional<DepositId> after = last;
            page = database.read(tx -> tx.deposits().since(since, after, PAGE));
            for (DepositTable.Row row : page) {
                compare(row);
            }
            last = page.isEmpty() ? last : Optional.of(page.getLast().deposit().id());
        } while (page.size() == PAGE);
        return new Result(provider.name(), asked, others, received, gone, List.copyOf(differences));
    }

    private void compare(DepositTable.Row row) throws IOException {
        Deposit deposit = row.deposit();
        if (!deposit.provider().equals(provider.name())) {
            others++;
            return;
        }
        if (row.reference().isEmpty() && !deposit.state().isPaid()) {
            return; // The provider never said what it calls it, so the buyer can't have paid.
        }
        asked++;
        try {
            Standing standing = look(row);
            // The coordinator may have booked what came while we asked.
            DepositTable.Row now =
                    database.read(tx -> tx.deposits().find(deposit.id()).orElseThrow());
            difference(now, now.equals(row) ? standing : look(now))
                    .ifPresent(what -> differences.add(new Difference(deposit.id(), what)));
            failures = 0;
            if (now.deposit().state().isPaid()) {
                received = received.plus(deposit.amount());
                gone = gone.plus(now.gone().net());
            }
        } catch (IOException silent) {
            if (++failures == FAILURES_MAX) {
                throw new IOException(
                        "%s doesn't answer: %s".formatted(provider.name(), silent.getMessage()),
                        silent);
            }
            differences.add(new Difference(deposit.id(), "not known: " + silent.getMessage()));
        }
    }

    private Standing look(DepositTable.Row row) throws IOException {
        return provider.look(row.deposit().id(), row.deposit().amount(), row.reference());
    }

    private static Optional<String> difference(DepositTable.Row row, Standing there) {
        Deposit here = row.deposit();
        if (there.stage() != Standing.Stage.PAID) {
            boolean told = there.stage() == Standing.Stage.FAILED && here.state().isOpen();
            return here.state().isPaid() || told
                    ? Optional.of("it is %s there, %s here".formatted(there.stage(), here.state()))
                    : Optional.empty();
        }
        if (!there.paid().equals(here.amount())) {
            return Optional.of(
                    "%s was paid there, %s was asked for".formatted(there.paid(), here.amount()));
        }
        if (!here.state().isPaid()) {
            return Optional.of("it is paid there, %s here".formatted(here.state()));
        }
        boolean same =
                there.refunded().equals(row.gone().refunded())
                        && there.disputed().equals(row.gone().disputed())
                        && there.reinstated().equals(row.gone().reinstated());
        return same
                ? Optional.empty()
                : Optional.of(
                        "given back, charged back and won again is %s, %s and %s there, %s, %s and %s here"
                                .formatted(
                                        there.refunded(),
                                        there.disputed(),
                                        there.reinstated(),
                                        row.gone().refunded(),
                                        row.gone().disputed(),
                                        row.gone().reinstated()));
    }
}
