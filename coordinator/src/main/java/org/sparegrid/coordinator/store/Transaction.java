// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import org.jdbi.v3.core.Handle;

/// The tables, within one transaction.
public final class Transaction {
    private final Handle handle;

    Transaction(Handle handle) {
        this.handle = handle;
    }

    /// People, and what they show to be let in.
    public AccountTable accounts() {
        return new AccountTable(handle);
    }

    /// API keys and what was spent by them.
    public KeyTable keys() {
        return new KeyTable(handle);
    }

    /// Sellers' computers.
    public SellerTable sellers() {
        return new SellerTable(handle);
    }

    /// Books and transfers.
    public LedgerTable ledger() {
        return new LedgerTable(handle);
    }

    /// Payments.
    public DepositTable deposits() {
        return new DepositTable(handle);
    }

    /// Images and their chunks.
    public ImageTable images() {
        return new ImageTable(handle);
    }

    /// Orders.
    public OrderTable orders() {
        return new OrderTable(handle);
    }

    /// Leases and their events.
    public LeaseTable leases() {
        return new LeaseTable(handle);
    }

    /// How long sellers' machines ran and how often they were lost.
    public SellerDayTable sellerDays() {
        return new SellerDayTable(handle);
    }

    /// When sellers' computers are there.
    public PresenceTable presences() {
        return new PresenceTable(handle);
    }

    /// What machines cost.
    public PriceTable prices() {
        return new PriceTable(handle);
    }

    /// Who deals with whom.
    public RuleTable rules() {
        return new RuleTable(handle);
    }

    /// What parties of leases say of each other.
    public RatingTable ratings() {
        return new RatingTable(handle);
    }

    /// Computers that the operator took off the market.
    public SuspensionTable suspensions() {
        return new SuspensionTable(handle);
    }

    /// Accounts that the operator shut out.
    public FrozenTable frozen() {
        return new FrozenTable(handle);
    }

    /// What the operator wants ended.
    public StopTable stops() {
        return new StopTable(handle);
    }

    /// What sellers asked to be paid out.
    public PayoutTable payouts() {
        return new PayoutTable(handle);
    }

    /// What buyers say was not delivered.
    public DisputeTable disputes() {
        return new DisputeTable(handle);
    }

    /// Who did what.
    public AuditTable audit() {
        return new AuditTable(handle);
    }

    /// Sellers' TPMs and what agents answer to buyers.
    public TrustTable trust() {
        return new TrustTable(handle);
    }

    /// Networks and their members.
    public NetworkTable networks() {
        return new NetworkTable(handle);
    }

    /// What members of networks exchanged.
    public TrafficTable traffic() {
        return new TrafficTable(handle);
    }

    /// Which sellers' UDP ports are open.
    public OpenPortTable openPorts() {
        return new OpenPortTable(handle);
    }

    /// Invoices of payments.
    public InvoiceTable invoices() {
        return new InvoiceTable(handle);
    }

    /// Keys for the SSH gateway.
    public SshKeyTable sshKeys() {
        return new SshKeyTable(handle);
    }

    /// Disks that outlive machines.
    public VolumeTable volumes() {
        return new VolumeTable(handle);
    }

    /// Interruptible machines that have to go.
    public DisplacementTable displacements() {
        return new DisplacementTable(handle);
    }

    /// Machines that are bound to orders for a time to come.
    public BookingTable bookings() {
        return new BookingTable(handle);
    }

    /// Displaced machines that are sought anew.
    public SoughtTable sought() {
        return new SoughtTable(handle);
    }

    /// Requests that were answered.
    public IdempotencyTable idempotency() {
        return new IdempotencyTable(handle);
    }
}
