// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.coordinator.history.MarketRecord;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.image.ChunkStore;
import org.sparegrid.coordinator.image.KeptBytes;
import org.sparegrid.coordinator.introduction.Knocker;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.Deals;
import org.sparegrid.coordinator.operation.Keys;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.Streams;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.TestProvider;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.session.Sessions;
import org.sparegrid.coordinator.store.Database;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ChunkList;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.Enrolment;
import org.sparegrid.protocol.api.EnrolmentRequest;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.Images;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.api.NewJoinToken;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Orders;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.api.TrustAnswers;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.NetworkView;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.Ranking;
import org.sparegrid.protocol.market.Relays;
import org.sparegrid.protocol.market.SellerExplanation;

/// The market at work: everything that can be asked of the coordinator, and the clock that ends
/// what takes too long.
public final class Market implements Operations, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Market.class.getName());
    private static final Duration TICK = Duration.ofSeconds(1);

    /// A round trip that changes by less than one such part isn't told to the market.
    private static final int LATENCY_STEPS = 20;

    private final Exchange exchange;
    private final Sessions sessions;
    private final Accounts accounts;
    private final ApiKeys keys;
    private final Payments payments;
    private final org.sparegrid.coordinator.trade.Orders orders;
    private final Board board;
    private final Watch watch;
    private final Suspensions suspensions;
    private final Terminations terminations;
    private final Dealings deals;
    private final Networks networks;
    private final ImageShelf images;
    private final Consoles consoles;
    private final Trust trust;
    private final Agents agents;
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("market-clock").factory());

    private Market(
            Exchange exchange,
            Sessions sessions,
            Identity identity,
            ChunkStore chunks,
            Function<Consumer<Webhook>, PaymentProvider> provider) {
        this.exchange = exchange;
        this.sessions = sessions;
        this.accounts = new Accounts(exchange, identity);
        this.keys = new ApiKeys(exchange, identity);
        this.payments = new Payments(new Wallets(exchange, provider.apply(this::testPaid)));
        this.orders = new org.sparegrid.coordinator.trade.Orders(exchange);
        this.board = new Board(exchange);
        this.suspensions = new Suspensions(exchange);
        this.terminations = new Terminations(exchange, orders);
        this.deals = new Dealings(exchange, payments.wallets());
        this.watch = new Watch(exchange);
        this.networks = new Networks(exchange);
        this.images = new ImageShelf(exchange, chunks);
        this.consoles = new Consoles(exchange);
        this.trust = new Trust(exchange);
        this.agents = new Agents(exchange, consoles, watch, trust);
    }

    /// Takes up the business where it was left.
    ///
    /// @param provider makes the payment provider, from what takes its reports if it is of this
    ///   program
    public static Market open(
            MarketSettings settings,
            Database database,
            Identity identity,
            ChunkStore chunks,
            InstantSource clock,
            Function<Consumer<Webhook>, PaymentProvider> provider) {
        Sessions sessions = new Sessions(clock.instant());
        Exchange exchange = new Exchange(database, clock, new SecureRandom(), settings, sessions);
        Market market = new Market(exchange, sessions, identity, chunks, provider);
        exchange.asks().sell(database.read(tx -> tx.leases().takenSlots()));
        exchange.asks().sell(database.read(tx -> tx.displacements().slots()));
        exchange.asks().bind(database.read(Bookings::spans));
        market.suspensions.tick();
        market.agents.recover();
        market.orders.recover();
        market.payments.recover();
        var _ =
                market.ticker.scheduleWithFixedDelay(
                        market::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        return market;
    }

    @Override
    public void close() {
        ticker.close();
        payments.close();
        exchange.asks().close();
        consoles.keepAll();
    }

    /// Adds the market's figures.
    public void measure(Metrics metrics) {
        agents.measure(metrics);
        images.measure(metrics);
        sessions.show(metrics);
        exchange.asks().measure(metrics);
        exchange.measure(metrics);
    }

    @Override
    public List<String> faults() {
        List<String> faults = new ArrayList<>(exchange.faults());
        if (images.isFull()) {
            faults.add("images: the disk is nearly full");
        }
        return faults;
    }

    /// Removes at once what of images nobody needs any more.
    void sweepImages() {
        images.sweep();
    }

    /// Lets a record know what offers come and what orders get. Called before anybody is served.
    public void tell(MarketRecord record) {
        exchange.asks().tell(record);
    }

    /// Has sellers' ports knocked at, to know which are open. Called before anybody is served.
    public void knockBy(Knocker knocker) {
        exchange.knockBy(knocker);
    }

    void tick() {
        try {
            exchange.asks().tick();
            agents.tick();
            orders.tick();
            watch.tick();
            images.tick();
            suspensions.tick();
            exchange.prices().tick();
            terminations.tick();
            payments.tick();
        } catch (RuntimeException failure) {
            LOGGER.log(System.Logger.Level.ERROR, () -> "the market's clock failed", failure);
        }
    }

    @Override
    public Optional<Caller.Holder> holder(String token) {
        return token.startsWith(ApiKey.TOKEN_PREFIX)
                ? keys.holder(token)
                : accounts.authenticate(token);
    }

    @Override
    public boolean isEnrolled(SellerId seller) {
        return accounts.isSeller(seller);
    }

    @Override
    public Session register(Registration registration) {
        return accounts.register(registration);
    }

    @Override
    public Session logIn(Registration registration) {
        return accounts.login(registration);
    }

    @Override
    public void logOut(String token) {
        accounts.logout(token);
    }

    @Override
    public Keys keys() {
        return keys;
    }

    @Override
    public Account account(AccountId account) {
        return accounts.get(account);
    }

    @Override
    public Account setImageKey(AccountId account, String publicKey) {
        return accounts.setImageKey(account, publicKey);
    }

    @Override
    public NewJoinToken newJoinToken(AccountId account) {
        return accounts.joinToken(account);
    }

    @Override
    public Enrolment enrol(EnrolmentRequest request) {
        return accounts.enrol(request);
    }

    @Override
    public Wallet wallet(AccountId account) {
        return payments.wallets().wallet(account);
    }

    @Override
    public Deposit deposit(AccountId account, DepositRequest request, String idempotencyKey) {
        return payments.wallets()
                .deposit(account, request, idempotencyKey, hash("deposit", request));
    }

    @Override
    public Deposit deposit(AccountId account, DepositId deposit) {
        return payments.wallets().get(account, deposit);
    }

    @Override
    public LedgerPage ledger(AccountId account, int limit, long before) {
        return payments.wallets().ledger(account, limit, before);
    }

    @Override
    public void webhook(String provider, byte[] body, Map<String, String> headers) {
        payments.wallets().message(provider, new Webhook(new Blob(body), headers));
    }

    private void testPaid(Webhook report) {
        payments.wallets().message(TestProvider.NAME, report);
    }

    /// Asks the payment provider about everything that is due, as is done every second.
    void reconcile() {
        payments.reconcile();
    }

    @Override
    public Deals deals() {
        return deals;
    }

    @Override
    public Offers offers(Query where, Ranking order) {
        return new Offers(board.offers(where, order));
    }

    @Override
    public Explanation explain(AccountId account, ExplanationRequest request) {
        return board.explain(account, request);
    }

    @Override
    public SellerExplanation explain(Caller caller, SellerId seller) {
        return board.explain(caller, seller);
    }

    @Override
    public Explanation explain(AccountId account, OrderId order) {
        return orders.explain(account, order);
    }

    @Override
    public Quote quote(AccountId account, OrderSpec spec) {
        return orders.quote(account, spec);
    }

    @Override
    public Order order(Caller.Holder payer, OrderRequest request, String idempotencyKey) {
        return orders.place(payer, request, idempotencyKey, hash("order", request));
    }

    @Override
    public Orders orders(AccountId account) {
        return new Orders(orders.list(account));
    }

    @Override
    public Order order(AccountId account, OrderId order, long after, Duration wait) {
        return orders.get(account, order, after, wait);
    }

    @Override
    public Order stopOrder(AccountId account, OrderId order) {
        return orders.stop(account, order);
    }

    @Override
    public Lease lease(AccountId account, LeaseId lease) {
        return orders.lease(account, lease);
    }

    @Override
    public Lease stopLease(AccountId account, LeaseId lease) {
        return orders.stopLease(account, lease);
    }

    @Override
    public ConsolePart console(AccountId account, LeaseId lease, long from, Duration wait) {
        return consoles.read(account, lease, from, wait);
    }

    @Override
    public void type(AccountId account, LeaseId lease, Blob keys) {
        consoles.write(account, lease, keys);
    }

    @Override
    public Streams streams() {
        return agents.streams();
    }

    /// Believes TPMs whose certificates lead to these roots.
    public void believe(List<TrustAnchors> roots) {
        trust.believe(roots);
    }

    /// What the parts of the market share.
    Exchange exchange() {
        return exchange;
    }

    @Override
    public void askTrust(AccountId account, LeaseId lease, TrustQuestion question) {
        trust.ask(account, lease, question);
    }

    @Override
    public TrustAnswers trustAnswers(AccountId account, LeaseId lease, long after, Duration wait) {
        return trust.answers(account, lease, after, wait);
    }

    @Override
    public NetworkJoined joinNetwork(AccountId account, NetworkId network, NetworkJoin join) {
        return networks.join(account, network, join);
    }

    @Override
    public Relays relays() {
        return new Relays(exchange.settings().relays());
    }

    @Override
    public NetworkView network(AccountId account, NetworkId network, long after, Duration wait) {
        return networks.get(account, network, after, wait);
    }

    @Override
    public void leaveNetwork(AccountId account, NetworkId network, MemberId member) {
        networks.leave(account, network, member);
    }

    @Override
    public ChunkList missingChunks(AccountId account, ChunkList chunks) {
        return new ChunkList(images.missing(account, chunks.chunks()));
    }

    @Override
    public void putChunk(AccountId account, String sha256, byte[] bytes) {
        images.put(account, sha256, bytes);
    }

    @Override
    public KeptBytes chunk(Caller caller, String sha256) {
        return switch (caller) {
            case Caller.Holder holder -> images.get(holder.account(), sha256);
            case Caller.Agent(var seller) -> images.get(seller, sha256);
        };
    }

    @Override
    public ImageSummary completeImage(AccountId account, ImageUpload upload) {
        return images.complete(account, upload);
    }

    @Override
    public Images images(AccountId account) {
        return new Images(images.list(account));
    }

    @Override
    public byte[] manifest(Caller caller, ImageId image) throws IOException {
        return switch (caller) {
            case Caller.Holder holder -> images.manifest(holder.account(), image);
            case Caller.Agent(var seller) -> images.manifest(seller, image);
        };
    }

    @Override
    public void deleteImage(AccountId account, ImageId image) {
        images.delete(account, image);
    }

    @Override
    public void connected(SellerId seller, AgentLink link) {
        sessions.put(seller, link);
        exchange.asks().look(seller);
        watch.seen(seller, exchange.asks().find(seller).isPresent());
        agents.remind(seller);
    }

    @Override
    public void received(SellerId seller, AgentMessage message) {
        agents.received(seller, message);
    }

    @Override
    public void measured(SellerId seller, int roundTripMicros) {
        int before = exchange.latency(seller);
        sessions.measured(seller, roundTripMicros);
        int now = exchange.latency(seller);
        if (Math.abs((long) now - before) * LATENCY_STEPS > now) {
            exchange.asks().learnLatency(seller, now);
        }
    }

    @Override
    public void disconnected(SellerId seller, AgentLink link) {
        if (sessions.remove(seller, link, exchange.now())) {
            watch.seen(seller, false);
        }
        exchange.asks().look(seller);
    }

    /// What tells a repeated request from another one.
    static String hash(String what, Object request) {
        return Identity.digest(what + new String(Format.JSON.write(request), UTF_8));
    }
}
