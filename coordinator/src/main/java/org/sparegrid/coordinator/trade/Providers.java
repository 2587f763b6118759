// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.time.InstantSource;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.payment.Outcome;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Standing;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.DepositTable;
import org.sparegrid.coordinator.store.PayoutTable;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.Payout;

/// What the operator has the payment provider do, with a program of its own. Whatever stops it, run
/// again it goes on where it was, and no money moves twice.
public final class Providers {
    private final Database database;
    private final PaymentProvider provider;
    private final String operator;
    private final InstantSource clock;

    /// @param operator who decides, for the audit log
    public Providers(
            Database database, PaymentProvider provider, String operator, InstantSource clock) {
        this.database = database;
        this.provider = provider;
        this.operator = operator;
        this.clock = clock;
    }

    /// Asks how a payment stands, and books that.
    ///
    /// @return where it stands now
    public Deposit.State look(DepositId id) throws IOException {
        DepositTable.Row row =
                database.read(tx -> tx.deposits().find(id))
                        .orElseThrow(() -> RefusedException.unknown("deposit " + id));
        requireOurs(row.deposit().provider(), id.value());
        if (row.reference().isEmpty()) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "%s has not answered yet that it takes this payment; it is %s"
                            .formatted(provider.name(), row.deposit().state()));
        }
        Standing standing = provider.look(id, row.deposit().amount(), row.reference());
        return book(id, standing);
    }

    private Deposit.State book(DepositId id, Standing standing) {
        return database.write(tx -> {
            Postings.apply(tx, tx.deposits().find(id).orElseThrow(), standing, clock.instant());
            return tx.deposits().find(id).orElseThrow().deposit().state();
        });
    }

    /// Gives a whole payment back to who paid it.
    ///
    /// @return where the payment stands now
    public Deposit.State refund(DepositId id) throws IOException {
        DepositTable.Row row =
                database.read(tx -> tx.deposits().find(id))
                        .orElseThrow(() -> RefusedException.notFound("deposit " + id));
        Deposit deposit = row.deposit();
        requireOurs(deposit.provider(), id.value());
        Credits gone = row.gone().net();
        if (deposit.state() != Deposit.State.POSTED || gone.nanos() != 0) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "only a payment that is whole in the wallet; %s is %s and %s of it went back"
                            .formatted(id, deposit.state(), gone));
        }
        Credits has = database.read(tx -> tx.ledger().balance(Book.wallet(row.account())));
        if (has.compareTo(deposit.credited()) < 0) {
            throw new RefusedException(
                    Reason.FUNDS,
                    "%s would leave the wallet, which holds %s".formatted(deposit.credited(), has));
        }
        note("refund-asked", id.value(), deposit.amount());
        if (provider.refund(id, deposit.amount(), row.reference())
                instanceof Outcome.Refused(var why)) {
            throw new RefusedException(
                    Reason.CONFLICT, provider.name() + " gives nothing back: " + why);
        }
        Standing standing = provider.look(id, deposit.amount(), row.reference());
        return book(id, standing);
    }

    /// Pays a seller what he asked to be paid out.
    ///
    /// @return what the provider calls the payment
    public String payOut(PayoutId id) throws IOException {
        PayoutTable.Row row =
                database.write(tx -> {
                    PayoutTable.Row found =
                            tx.payouts()
                                    .find(id)
                                    .orElseThrow(() -> RefusedException.notFound("payout " + id));
                    require(found, tx.frozen().reason(found.account()).isPresent());
                    tx.payouts().setProvider(id, provider.name());
                    return found;
                });
        Outcome outcome = provider.payOut(id, row.payout().amount(), row.payout().destination());
        return switch (outcome) {
            case Outcome.Sent(var reference) -> {
                database.write(tx -> {
                    PayoutTable.Row now = tx.payouts().find(id).orElseThrow();
                    return now.payout().state() == Payout.State.PENDING
                            && Decisions.end(tx, operator, now, true, clock.instant());
                });
                yield reference;
            }
            case Outcome.Refused(var why) -> {
                database.write(tx -> {
                    tx.payouts().setProvider(id, "");
                    return true;
                });
                throw new RefusedException(
                        Reason.CONFLICT, "%s doesn't pay it: %s".formatted(provider.name(), why));
            }
        };
    }

    private void require(PayoutTable.Row row, boolean frozen) {
        PayoutId id = row.payout().id();
        if (row.payout().state() != Payout.State.PENDING) {
            throw new RefusedException(
                    Reason.CONFLICT, id + " was closed before: " + row.payout().state());
        }
        if (frozen) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "the account %s is frozen; thaw it, or give the payout back with payout failed %s"
                            .formatted(row.account(), id));
        }
        if (!row.provider().isEmpty()) {
            requireOurs(row.provider(), id.value());
        }
    }

    private void requireOurs(String name, String what) {
        if (!provider.name().equals(name)) {
            throw new RefusedException(
                    Reason.CONFLICT,
                    "%s is with the provider %s, and the settings name %s"
                            .formatted(what, name, provider.name()));
        }
    }

    private void note(String what, String subject, Credits amount) {
        database.write(tx -> {
            tx.audit().add(operator, what, subject, amount.toString(), clock.instant());
            return true;
        });
    }
}
