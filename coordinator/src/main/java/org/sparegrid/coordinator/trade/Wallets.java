// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.BookKind;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.payment.Begun;
import org.sparegrid.coordinator.payment.Notice;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Standing;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.store.DepositTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.Wallet;

/// Accounts' money, and how it comes in.
public final class Wallets {
    private static final System.Logger LOGGER = System.getLogger(Wallets.class.getName());

    /// The largest payment; anything above is a slip of the pen.
    private static final Credits DEPOSIT_MAX = Credits.parse("1000000");

    /// Payments that are asked about in one go.
    private static final int DUE_MAX = 50;

    /// Payments in one list.
    private static final int LIST_MAX = 200;

    /// How long whoever begins a payment has for it before the clock takes it up.
    private static final Duration BEGIN_PATIENCE = Duration.ofMinutes(1);

    private final Exchange exchange;
    private final PaymentProvider provider;

    /// Payments that the provider reported of before it had answered us, until it has.
    private final Set<DepositId> reportedEarly = ConcurrentHashMap.newKeySet();

    Wallets(Exchange exchange, PaymentProvider provider) {
        this.exchange = exchange;
        this.provider = provider;
    }

    /// The account's balances.
    public Wallet wallet(AccountId account) {
        return exchange.read(tx ->
                new Wallet(
                        tx.ledger().balance(Book.wallet(account)),
                        tx.ledger().sum(BookKind.ESCROW, account.value()),
                        tx.ledger().balance(Book.earnings(account))));
    }

    /// A part of the account's ledger.
    public LedgerPage ledger(AccountId account, int limit, long before) {
        return exchange.read(tx -> tx.ledger().page(account, limit, before));
    }

    /// Begins a payment.
    ///
    /// @param key makes a repeated request the same payment, or empty
    public Deposit deposit(
            AccountId account, DepositRequest request, String key, String requestHash) {
        if (!request.provider().isEmpty()) {
            requireProvider(request.provider());
        }
        Credits amount = request.amount();
        if (amount.nanos() <= 0 || amount.compareTo(DEPOSIT_MAX) > 0) {
            throw new RefusedException(
                    Reason.INVALID,
                    "amount: expected more than 0 and at most " + DEPOSIT_MAX + ", got " + amount);
        }
        if (!provider.takes(amount)) {
            throw new RefusedException(
                    Reason.INVALID,
                    "amount: %s takes whole hundredths, got %s".formatted(provider.name(), amount));
        }
        DepositId id =
                exchange.change((tx, _, now) ->
                        Orders.earlier(tx, account, key, requestHash)
                                .map(DepositId::new)
                                .orElseGet(() -> {
                                    Deposit made = make(amount, now);
                                    tx.deposits().insert(account, made, now.plus(BEGIN_PATIENCE));
                                    Orders.remember(
                                            tx, account, key, requestHash, made.id().value(), now);
                                    return made.id();
                                }));
        if (get(account, id).state() == Deposit.State.CREATED) {
            try {
                begin(id, amount);
            } catch (IOException failed) {
                throw unavailable(failed);
            }
        }
        return get(account, id);
    }

    /// A payment of the account.
    public Deposit get(AccountId account, DepositId id) {
        return exchange.read(tx ->
                tx.deposits()
                        .find(id)
                        .filter(row -> row.account().equals(account))
                        .map(DepositTable.Row::deposit)
                        .orElseThrow(() -> RefusedException.notFound("deposit " + id)));
    }

    /// The account's payments, newest first.
    Deposit.Page deposits(AccountId account) {
        return exchange.read(tx -> new Deposit.Page(tx.deposits().of(account, LIST_MAX)));
    }

    /// Takes a provider's message; one that comes again changes nothing.
    void message(String providerName, Webhook message) {
        requireProvider(providerName);
        try {
            switch (provider.read(message)) {
                case Notice.About(var id) -> reported(id);
                case Notice.Other() -> {}
                case Notice.Forged(var why) -> {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            () ->
                                    "payment message refused provider=%s cause=%s"
                                            .formatted(providerName, why));
                    throw new RefusedException(
                            Reason.INVALID, "the message isn't the provider's, or is too old");
                }
            }
        } catch (IOException failed) {
            throw unavailable(failed);
        }
    }

    /// Has the provider asked soon about payments that were begun before the coordinator stopped.
    void recover() {
        exchange.change((tx, _, _) -> {
            tx.deposits().lookAtOpen();
            return true;
        });
    }

    /// Asks the provider about all payments that are due. It waits for the network.
    void reconcile() {
        List<DepositTable.Row> due =
                exchange.read(tx -> tx.deposits().due(provider.name(), exchange.now(), DUE_MAX));
        for (DepositTable.Row row : due) {
            Deposit deposit = row.deposit();
            exchange.change((tx, _, now) -> {
                tx.deposits().lookAgain(deposit.id(), LookOut.next(deposit, now));
                return true;
            });
            try {
                if (deposit.state() != Deposit.State.CREATED) {
                    look(deposit.id());
                } else if (LookOut.isForgotten(deposit, exchange.now())) {
                    fail(deposit.id(), "it was never begun");
                } else {
                    begin(deposit.id(), deposit.amount());
                }
            } catch (IOException | RefusedException failed) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        () -> "payment not known deposit=" + deposit.id() + " cause=" + failed);
                return;
            }
        }
    }

    /// Has the provider begin a payment. After a crash it is asked again and begins it once.
    private void begin(DepositId id, Credits amount) throws IOException {
        switch (provider.begin(id, amount)) {
            case Begun.Open(var reference, var payAt) -> {
                exchange.change((tx, _, _) -> {
                    tx.deposits().begun(id, reference, payAt);
                    return true;
                });
                if (reportedEarly.remove(id)) {
                    look(id);
                }
            }
            case Begun.Refused(var why) -> {
                fail(id, why);
                throw new RefusedException(
                        Reason.INVALID,
                        "%s doesn't take this payment: %s".formatted(provider.name(), why));
            }
        }
    }

    /// Something happened to a payment, perhaps before the answer to its beginning is on disk.
    private void reported(DepositId id) throws IOException {
        Optional<DepositTable.Row> row = exchange.read(tx -> tx.deposits().find(id));
        if (row.filter(this::isOurs).isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, () -> "payment of no deposit here deposit=" + id);
            return;
        }
        // Either we see the answer now, or whoever writes it down sees this.
        reportedEarly.add(id);
        if (row.get().deposit().state() != Deposit.State.CREATED
                || get(row.get().account(), id).state() != Deposit.State.CREATED) {
            reportedEarly.remove(id);
            look(id);
        }
    }

    private boolean isOurs(DepositTable.Row row) {
        return row.deposit().provider().equals(provider.name());
    }

    /// Asks the provider how a payment stands, and books that.
    private void look(DepositId id) throws IOException {
        DepositTable.Row row = exchange.read(tx -> tx.deposits().find(id).orElseThrow());
        if (row.reference().isEmpty() && row.deposit().state() == Deposit.State.FAILED) {
            return;
        }
        Standing standing = provider.look(id, row.deposit().amount(), row.reference());
        exchange.change((tx, _, now) -> {
            Postings.apply(tx, tx.deposits().find(id).orElseThrow(), standing, now);
            return true;
        });
    }

    private void fail(DepositId id, String why) {
        LOGGER.log(
                System.Logger.Level.INFO, () -> "payment failed deposit=" + id + " cause=" + why);
        reportedEarly.remove(id);
        exchange.change((tx, _, now) -> {
            Postings.apply(
                    tx,
                    tx.deposits().find(id).orElseThrow(),
                    Standing.of(Standing.Stage.FAILED),
                    now);
            return true;
        });
    }

    private Deposit make(Credits amount, Instant now) {
        DepositId id = exchange.draw(DepositId.PREFIX, DepositId::new);
        Credits commission = amount.basisPoints(exchange.settings().commissionBasisPoints());
        return new Deposit(
                id,
                provider.name(),
                Deposit.State.CREATED,
                amount,
                commission,
                amount.minus(commission),
                "",
                now);
    }

    private void requireProvider(String name) {
        if (!provider.name().equals(name)) {
            throw new RefusedException(
                    Reason.NOT_FOUND,
                    "there is no payment provider " + name + " here, only " + provider.name());
        }
    }

    private static RefusedException unavailable(IOException failed) {
        LOGGER.log(
                System.Logger.Level.WARNING,
                () -> "payment provider failed cause=" + failed.getMessage());
        return new RefusedException(
                Reason.UNAVAILABLE, "the payment provider doesn't answer; try again in a minute");
    }
}
