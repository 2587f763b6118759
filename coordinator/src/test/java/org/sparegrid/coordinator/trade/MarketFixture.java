// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.sparegrid.coordinator.history.MarketRecord;
import org.sparegrid.coordinator.history.Outcome;
import org.sparegrid.coordinator.history.RecordFolder;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.image.ChunkStore;
import org.sparegrid.coordinator.introduction.AddressPlan;
import org.sparegrid.coordinator.ledger.Book;
import org.sparegrid.coordinator.ledger.Transfers;
import org.sparegrid.coordinator.market.formula.PriceCurve;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.TestProvider;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.coordinator.store.Store;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.Identifier;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.NetworkRelay;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.VolumeUse;

/// A market on a real database, with a clock that is set by hand.
final class MarketFixture implements AutoCloseable {
    static final MarketSettings SETTINGS =
            new MarketSettings(
                    "https://localhost:8443",
                    1000,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(900),
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(120),
                    AddressPlan.Range.parse("10.77.0.0/16"),
                    List.of("Grid Ltd", "1 Main Street"),
                    Royalty.NONE,
                    OpenPortBonus.NONE,
                    1 << 20,
                    PriceCurve.NONE,
                    List.of(new NetworkRelay("192.0.2.1:7443", "key=", "")));

    /// The usual settings, with a bonus for open ports.
    static MarketSettings with(OpenPortBonus bonus) {
        return new MarketSettings(
                SETTINGS.address(),
                SETTINGS.commissionBasisPoints(),
                SETTINGS.settleInterval(),
                SETTINGS.offerTimeout(),
                SETTINGS.bootTimeout(),
                SETTINGS.lostAfter(),
                SETTINGS.interruptionNotice(),
                SETTINGS.networks(),
                SETTINGS.invoiceIssuer(),
                SETTINGS.royalty(),
                bonus,
                SETTINGS.imageQuotaBytes(),
                SETTINGS.reference(),
                SETTINGS.relays());
    }

    private static final long RECORD_BYTES = 8 << 20;

    private final Path folder;
    private final Store store;
    private final Optional<Function<Consumer<Webhook>, PaymentProvider>> provider;
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Database database;
    private Market market;
    private MarketRecord record = MarketRecord.none();
    private final MarketSettings settings;

    MarketFixture(Path folder) throws IOException {
        this(folder, new Store.Sqlite(folder.resolve("market.db")));
    }

    MarketFixture(Path folder, Store store) throws IOException {
        this.folder = folder;
        this.store = store;
        this.provider = Optional.empty();
        this.settings = SETTINGS;
        open();
    }

    /// A market with other settings, that opens so long after the first one.
    MarketFixture(Path folder, Store store, Duration since, MarketSettings settings)
            throws IOException {
        this.folder = folder;
        this.store = store;
        this.provider = Optional.empty();
        this.settings = settings;
        now = now.plus(since);
        open();
    }

    /// A market that opens so long after the first one, as after a kill.
    MarketFixture(Path folder, Duration since) throws IOException {
        this(folder, new Store.Sqlite(folder.resolve("market.db")), since, SETTINGS);
    }

    /// A market whose people pay by that provider, made with the market's clock.
    MarketFixture(Path folder, Function<InstantSource, PaymentProvider> made) throws IOException {
        this(folder, new Store.Sqlite(folder.resolve("market.db")), made);
    }

    MarketFixture(Path folder, Store store, Function<InstantSource, PaymentProvider> made)
            throws IOException {
        this.folder = folder;
        this.store = store;
        PaymentProvider paying = made.apply(() -> now);
        this.provider = Optional.of(_ -> paying);
        this.settings = SETTINGS;
        open();
    }

    private void open() throws IOException {
        database = Database.open(store, 4);
        market =
                Market.open(
                        settings,
                        database,
                        Identity.open(folder.resolve("identity"), () -> now),
                        ChunkStore.open(folder.resolve("images")),
                        () -> now,
                        provider.orElseGet(() -> TestProvider.at(() -> now)));
        record = MarketRecord.open(RecordFolder.of(folder), RECORD_BYTES, () -> now);
        market.tell(record);
    }

    /// A new process on the same database: nothing that was in memory is left.
    void restart() throws IOException {
        close();
        open();
    }

    /// Whatever a test did with the market, its record tells, and its engine chooses the same
    /// again.
    @Override
    public void close() {
        market.close();
        database.close();
        record.close();
        try {
            RecordFolder kept = RecordFolder.of(folder);
            if (Outcome.isThere(kept)) {
                Outcome outcome = Outcome.of(kept);
                assertThat(outcome.different).isEmpty();
                assertThat(outcome.unchecked).isEmpty();
                assertThat(outcome.result.faults()).isEmpty();
                assertThat(outcome.result.notes()).isEmpty();
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    Market market() {
        return market;
    }

    /// Asks the payment provider about what is due, as is done every second.
    void reconcile() {
        market.reconcile();
    }

    /// Removes what nobody needs any more, as is done every ten minutes.
    void sweep() {
        market.sweepImages();
    }

    void pass(long millis) {
        now = now.plusMillis(millis);
    }

    AccountId register(String email) {
        return market.register(new Registration(email, "a long password")).account();
    }

    /// Gives an account money, as a payment would, without commission.
    void give(AccountId account, String amount) {
        DepositId deposit = Identifier.draw(new SecureRandom(), DepositId.PREFIX, DepositId::new);
        Credits credits = Credits.parse(amount);
        database.write(tx -> {
            Transfers.deposit(deposit, account, credits, Credits.ZERO)
                    .forEach(transfer -> tx.ledger().post(transfer, now));
            return true;
        });
    }

    /// Pays money into a wallet through the test provider, commission included.
    void deposit(AccountId account, String amount) {
        Deposit made =
                market.deposit(account, new DepositRequest(Credits.parse(amount), "test"), "");
        long end = System.nanoTime() + 20_000_000_000L;
        while (market.deposit(account, made.id()).state() != Deposit.State.POSTED) {
            if (System.nanoTime() > end) {
                throw new AssertionError("deposit " + made.id() + " is not posted");
            }
            Thread.onSpinWait();
        }
    }

    /// What the operator's program has a payment provider do.
    Providers providers(PaymentProvider paying) {
        return new Providers(database, paying, "operator", () -> now);
    }

    /// What the operator's program finds out from a payment provider.
    Reconciliation.Result reconciled(PaymentProvider paying) throws IOException {
        return new Reconciliation(database, paying).run(Instant.EPOCH);
    }

    /// Does what the operator's program does.
    <T> T decide(Database.Work<T> decision) {
        return database.write(decision);
    }

    Instant now() {
        return now;
    }

    /// A computer that sells for an account.
    SellerId enrol(AccountId owner, int number) {
        SellerId seller = new SellerId("%040x".formatted(number));
        database.write(tx -> {
            tx.sellers().enrol(seller, owner, now);
            return true;
        });
        return seller;
    }

    /// An image with one chunk.
    ImageId image(AccountId owner, String content) {
        byte[] chunk = content.getBytes(StandardCharsets.UTF_8);
        market.setImageKey(owner, FakeAgent.key(99));
        market.putChunk(owner, Identity.digest(chunk), chunk);
        String manifest =
                Base64.getEncoder()
                        .encodeToString(
                                ("manifest of " + content).getBytes(StandardCharsets.UTF_8));
        return market.completeImage(
                        owner,
                        new ImageUpload(
                                "image", chunk.length, List.of(Identity.digest(chunk)), manifest))
                .id();
    }

    static OrderRequest request(String name, ImageId image, int machines, long secondsMax) {
        return request(name, image, machines, secondsMax, Placement.ANY);
    }

    static OrderRequest request(
            String name, ImageId image, int machines, long secondsMax, Placement placement) {
        return new OrderRequest(
                new OrderSpec(
                        name,
                        image,
                        machines,
                        new MachineSize(1, 512, 0),
                        Credits.parse("1"),
                        secondsMax,
                        true,
                        List.of(),
                        placement,
                        Query.ANY,
                        Checkpoints.NONE,
                        VolumeUse.NONE,
                        0),
                Credits.MAX,
                false);
    }

    /// The order, once its version is above the given one.
    Order later(AccountId account, Order order) {
        return market.order(account, order.id(), order.version(), Duration.ofSeconds(20));
    }

    Credits balance(Book book) {
        return database.read(tx -> tx.ledger().balance(book));
    }

    List<String> faults() {
        return database.read(tx -> {
            List<String> faults = new ArrayList<>(tx.ledger().faults());
            faults.addAll(tx.ledger().audit(Optional.empty()).faults());
            faults.addAll(tx.audit().verify(Optional.empty()).faults());
            return faults;
        });
    }
}
