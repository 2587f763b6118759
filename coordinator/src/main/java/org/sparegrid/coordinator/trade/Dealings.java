// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.Deals;
import org.sparegrid.coordinator.operation.VolumeDesk;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Rules;
import org.sparegrid.protocol.api.Sales;
import org.sparegrid.protocol.market.TrafficReport;

/// What people settle with each other.
final class Dealings implements Deals {
    private final RuleBook rules;
    private final Ratings ratings;
    private final MoneyDesk desk;
    private final Invoices invoices;
    private final Wallets wallets;
    private final VolumeShop volumes;
    private final PriceDesk prices;
    private final Networks networks;

    Dealings(Exchange exchange, Wallets wallets) {
        this.rules = new RuleBook(exchange);
        this.ratings = new Ratings(exchange);
        this.desk = new MoneyDesk(exchange);
        this.invoices = new Invoices(exchange);
        this.wallets = wallets;
        this.volumes = new VolumeShop(exchange);
        this.networks = new Networks(exchange);
        this.prices = exchange.prices();
    }

    @Override
    public Prices prices(long hours) {
        return prices.prices(hours);
    }

    @Override
    public VolumeDesk volumes() {
        return volumes;
    }

    @Override
    public void rate(AccountId account, LeaseId lease, Opinion opinion) {
        ratings.rate(account, lease, opinion);
    }

    @Override
    public Sales sales(AccountId account) {
        return ratings.sales(account);
    }

    @Override
    public void countTraffic(
            AccountId account, NetworkId network, MemberId member, TrafficReport report) {
        networks.count(account, network, member, report);
    }

    @Override
    public void give(Caller.Holder payer, Gift gift, String idempotencyKey) {
        desk.give(payer, gift, idempotencyKey, Market.hash("gift", gift));
    }

    @Override
    public Payout payOut(Caller.Holder payer, Payout.Request request, String idempotencyKey) {
        return desk.payOut(payer, request, idempotencyKey, Market.hash("payout", request));
    }

    @Override
    public Payout.Page payouts(AccountId account) {
        return desk.payouts(account);
    }

    @Override
    public Dispute dispute(AccountId account, LeaseId lease, Dispute.Request request) {
        return desk.dispute(account, lease, request);
    }

    @Override
    public Dispute.Page disputes(AccountId account) {
        return desk.disputes(account);
    }

    @Override
    public Deposit.Page deposits(AccountId account) {
        return wallets.deposits(account);
    }

    @Override
    public Invoice invoice(AccountId account, DepositId deposit, Invoice.Request request) {
        return invoices.issue(account, deposit, request);
    }

    @Override
    public Invoice.Page invoices(AccountId account) {
        return invoices.list(account);
    }

    @Override
    public Rules rules(AccountId account) {
        return rules.list(account);
    }

    @Override
    public Rules putRule(AccountId account, Rule rule) {
        return rules.put(account, rule);
    }

    @Override
    public Rules removeRule(AccountId account, Rule.Side side, String subject) {
        return rules.remove(account, side, subject);
    }
}
