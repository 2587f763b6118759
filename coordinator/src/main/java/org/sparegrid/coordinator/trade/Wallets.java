// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.BookKind;
import org.sparegrid.coordinator.ledger.Transfer;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.payment.PaymentEvent;
import org.sparegrid.coordinator.payment.PaymentProvider;
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

    private final Exchange exchange;
    private final Map<String, PaymentProvider> providers;

    public Wallets(Exchange exchange, List<PaymentProvider> providers) {
        this.exchange = exchange;
        this.providers =
                providers.stream()
                        .collect(Collectors.toMap(PaymentProvider::name, Function.identity()));
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
        PaymentProvider provider = provider(request.provider());
        Credits amount = request.amount();
        if (amount.nanos() <= 0 || amount.compareTo(DEPOSIT_MAX) > 0) {
            throw new RefusedException(
                    Reason.INVALID,
                    "amount: expected more than 0 and at most " + DEPOSIT_MAX + ", got " + amount);
        }
        DepositId id =
                exchange.change((tx, _, now) ->
                        Orders.earlier(tx, account, key, requestHash)
                                .map(DepositId::new)
                                .orElseGet(() -> {
                                    Deposit made = make(provider, amount, now);
                                    tx.deposits().insert(new DepositTable.Row(account, made));
                                    Orders.remember(
                                            tx, account, key, requestHash, made.id().value(), now);
                                    return made.id();
                                }));
        Deposit deposit = get(account, id);
        return deposit.state() == Deposit.State.PENDING
                ? payable(deposit, provider.create(id, deposit.amount()).payAt())
                : deposit;
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

    /// Takes a provider's message; one that comes again changes nothing.
    public void message(String providerName, byte[] body, String signature) {
        PaymentProvider provider = provider(providerName);
        Optional<PaymentEvent> event = provider.verify(body, signature);
        if (event.isEmpty()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "payment message refused provider=" + providerName);
            throw new RefusedException(
                    Reason.FORBIDDEN, "the message isn't the provider's, or is too old");
        }
        switch (event.get()) {
            case PaymentEvent.Confirmed(var id, var amount) -> paid(provider, id, amount);
            case PaymentEvent.Failed(var id, var why) -> {
                LOGGER.log(
                        System.Logger.Level.INFO,
                        () -> "payment failed deposit=" + id + " cause=" + why);
                failed(provider, id);
            }
        }
    }

    /// Asks the providers again for payments that were begun before the coordinator stopped.
    public void recover() {
        providers
                .values()
                .forEach(provider ->
                        exchange.read(tx -> tx.deposits().pending(provider.name()))
                                .forEach(row ->
                                        provider.create(
                                                row.deposit().id(), row.deposit().amount())));
    }

    private static Deposit payable(Deposit deposit, String payAt) {
        return new Deposit(
                deposit.id(),
                deposit.provider(),
                deposit.state(),
                deposit.amount(),
                deposit.commission(),
                deposit.credited(),
                payAt,
                deposit.created());
    }

    private Deposit make(PaymentProvider provider, Credits amount, java.time.Instant now) {
        DepositId id = exchange.draw(DepositId.PREFIX, DepositId::new);
        Credits commission = amount.basisPoints(exchange.settings().commissionBasisPoints());
        return new Deposit(
                id,
                provider.name(),
                Deposit.State.PENDING,
                amount,
                commission,
                amount.minus(commission),
                "",
                now);
    }

    private void paid(PaymentProvider provider, DepositId id, Credits amount) {
        exchange.change((tx, effects, now) -> {
            DepositTable.Row row = find(tx.deposits(), provider, id);
            Deposit deposit = row.deposit();
            if (!deposit.amount().equals(amount)) {
                throw new RefusedException(
                        Reason.CONFLICT,
                        "expected a payment of " + deposit.amount() + ", got " + amount);
            }
            if (deposit.state() != Deposit.State.PENDING) {
                return false;
            }
            for (Transfer transfer :
                    Transfers.deposit(id, row.account(), amount, deposit.commission())) {
                tx.ledger().post(transfer, now);
            }
            tx.deposits().setState(id, Deposit.State.POSTED);
            return true;
        });
    }

    private void failed(PaymentProvider provider, DepositId id) {
        exchange.change((tx, effects, now) -> {
            DepositTable.Row row = find(tx.deposits(), provider, id);
            if (row.deposit().state() == Deposit.State.PENDING) {
                tx.deposits().setState(id, Deposit.State.FAILED);
            }
            return true;
        });
    }

    private static DepositTable.Row find(
            DepositTable deposits, PaymentProvider provider, DepositId id) {
        return deposits.find(id)
                .filter(row -> row.deposit().provider().equals(provider.name()))
                .orElseThrow(() -> RefusedException.notFound("deposit " + id));
    }

    private PaymentProvider provider(String name) {
        PaymentProvider provider = providers.get(name);
        if (provider == null) {
            throw new RefusedException(
                    Reason.NOT_FOUND,
                    "there is no payment provider " + name + " here, only " + providers.keySet());
        }
        return provider;
    }
}
