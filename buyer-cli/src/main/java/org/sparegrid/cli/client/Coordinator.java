// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.client;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.sparegrid.cli.client.Transport.Call;
import org.sparegrid.cli.context.Settings;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ChunkList;
import org.sparegrid.protocol.api.ConsoleKeys;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.ImageKey;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.Images;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.LedgerPage;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.NetworkJoined;
import org.sparegrid.protocol.api.NewJoinToken;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Orders;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Rules;
import org.sparegrid.protocol.api.Sales;
import org.sparegrid.protocol.api.Session;
import org.sparegrid.protocol.api.SshKey;
import org.sparegrid.protocol.api.TrustAnswers;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
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
import org.sparegrid.protocol.market.TrafficReport;

/// The coordinator's interface for people, a method for each request. Any thread may call.
///
/// All throw [RefusedException] if the answer is no, [UnreachableException] if there is none.
///
/// Source: docs/protocol/rest.md.
public final class Coordinator {
    private static final String JSON = "application/json";
    private static final BodyPublisher NOTHING = BodyPublishers.noBody();

    private final Transport transport;

    private Coordinator(Transport transport) {
        this.transport = transport;
    }

    /// The coordinator of the settings.
    ///
    /// @param token of the session, if there is one
    public static Coordinator at(Settings settings, Optional<String> token) {
        return at(settings, token, Thread::sleep);
    }

    static Coordinator at(Settings settings, Optional<String> token, Transport.Pause pause) {
        return new Coordinator(
                new Transport(settings.address(), settings.authority(), token, pause));
    }

    /// Its address.
    public URI address() {
        return transport.address();
    }

    /// Trusts it and nobody else.
    public SSLContext tls() {
        return transport.tls();
    }

    private <T> T get(String path, Class<T> answer)
            throws IOException, RefusedException, InterruptedException {
        return tell("GET", path, answer);
    }

    private <T> T tell(String method, String path, Class<T> answer)
            throws IOException, RefusedException, InterruptedException {
        return read(transport.send(new Call(method, path, NOTHING, "", "", true)), answer);
    }

    private <T> T send(String method, String path, Object body, Class<T> answer, boolean repeat)
            throws IOException, RefusedException, InterruptedException {
        BodyPublisher bytes = BodyPublishers.ofByteArray(Format.JSON.write(body));
        return read(transport.send(new Call(method, path, bytes, JSON, "", repeat)), answer);
    }

    private <T> T sendOnce(String path, Object body, Class<T> answer, String key)
            throws IOException, RefusedException, InterruptedException {
        BodyPublisher bytes = BodyPublishers.ofByteArray(Format.JSON.write(body));
        return read(transport.send(new Call("POST", path, bytes, JSON, key, true)), answer);
    }

    private void post(String path, Object body, boolean repeat)
            throws IOException, RefusedException, InterruptedException {
        BodyPublisher bytes = BodyPublishers.ofByteArray(Format.JSON.write(body));
        transport.send(new Call("POST", path, bytes, JSON, "", repeat));
    }

    private void delete(String path) throws IOException, RefusedException, InterruptedException {
        transport.send(new Call("DELETE", path, NOTHING, "", "", true));
    }

    private static <T> T read(byte[] body, Class<T> answer) throws IOException {
        try {
            return Format.JSON.read(body, answer);
        } catch (MessageFormatException malformed) {
            throw new IOException(
                    "the coordinator's answer can't be read, is this program too old: "
                            + malformed.getMessage(),
                    malformed);
        }
    }

    public Session register(Registration registration)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/accounts", registration, Session.class, false);
    }

    public Session login(Registration registration)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/sessions", registration, Session.class, true);
    }

    public void logout() throws IOException, RefusedException, InterruptedException {
        delete("/v1/sessions/current");
    }

    public Account account() throws IOException, RefusedException, InterruptedException {
        return get("/v1/account", Account.class);
    }

    public Account setImageKey(ImageKey key)
            throws IOException, RefusedException, InterruptedException {
        return send("PUT", "/v1/account/image-key", key, Account.class, true);
    }

    public NewJoinToken joinToken() throws IOException, RefusedException, InterruptedException {
        return read(
                transport.send(new Call("POST", "/v1/join-tokens", NOTHING, "", "", false)),
                NewJoinToken.class);
    }

    /// Makes an API key; a repeated request would make another.
    public ApiKey.Made makeKey(ApiKey.Request request)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/keys", request, ApiKey.Made.class, false);
    }

    public ApiKey.Page keys() throws IOException, RefusedException, InterruptedException {
        return get("/v1/keys", ApiKey.Page.class);
    }

    /// Ends an API key.
    public ApiKey revokeKey(KeyId key) throws IOException, RefusedException, InterruptedException {
        return tell("DELETE", "/v1/keys/" + key, ApiKey.class);
    }

    /// Adds a key for the SSH gateway; the same key again is the same.
    public SshKey addSshKey(SshKey.Request request)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/ssh-keys", request, SshKey.class, true);
    }

    public SshKey.Page sshKeys() throws IOException, RefusedException, InterruptedException {
        return get("/v1/ssh-keys", SshKey.Page.class);
    }

    /// Removes such a key.
    ///
    /// @param key as [SshKey#toPath] writes it
    public void removeSshKey(String key)
            throws IOException, RefusedException, InterruptedException {
        delete("/v1/ssh-keys/" + key);
    }

    public Volume.Page volumes() throws IOException, RefusedException, InterruptedException {
        return get("/v1/volumes", Volume.Page.class);
    }

    /// Orders a volume.
    ///
    /// @param key makes a repeated request the same volume
    public Volume volume(Volume.Request request, String key)
            throws IOException, RefusedException, InterruptedException {
        return sendOnce("/v1/volumes", request, Volume.class, key);
    }

    /// The volume once its version is above `after`, or as it is when `wait` is over.
    public Volume volume(VolumeId volume, long after, Duration wait)
            throws IOException, RefusedException, InterruptedException {
        return get("/v1/volumes/" + volume + poll("after", after, wait), Volume.class);
    }

    public Volume remove(VolumeId volume)
            throws IOException, RefusedException, InterruptedException {
        return tell("DELETE", "/v1/volumes/" + volume, Volume.class);
    }

    public Wallet wallet() throws IOException, RefusedException, InterruptedException {
        return get("/v1/wallet", Wallet.class);
    }

    /// Begins a deposit.
    ///
    /// @param key makes a repeated request the same deposit
    public Deposit deposit(DepositRequest request, String key)
            throws IOException, RefusedException, InterruptedException {
        return sendOnce("/v1/wallet/deposits", request, Deposit.class, key);
    }

    public Deposit deposit(DepositId deposit)
            throws IOException, RefusedException, InterruptedException {
        return get("/v1/wallet/deposits/" + deposit, Deposit.class);
    }

    /// The account's deposits, newest first.
    public Deposit.Page deposits() throws IOException, RefusedException, InterruptedException {
        return get("/v1/wallet/deposits", Deposit.Page.class);
    }

    /// The invoice of a payment, issued now if there is none yet.
    public Invoice invoice(DepositId deposit, Invoice.Request request)
            throws IOException, RefusedException, InterruptedException {
        String path = "/v1/wallet/deposits/" + deposit + "/invoice";
        return send("PUT", path, request, Invoice.class, true);
    }

    public Invoice.Page invoices() throws IOException, RefusedException, InterruptedException {
        return get("/v1/wallet/invoices", Invoice.Page.class);
    }

    /// A page of the ledger.
    ///
    /// @param before the `next` of the page before, or 0 for the newest entries
    public LedgerPage ledger(int limit, long before)
            throws IOException, RefusedException, InterruptedException {
        String query = "?limit=" + limit + (before > 0 ? "&before=" + before : "");
        return get("/v1/wallet/ledger" + query, LedgerPage.class);
    }

    /// Says what the account thinks of a machine that ran.
    public void rate(LeaseId lease, Opinion opinion)
            throws IOException, RefusedException, InterruptedException {
        command("/v1/leases/" + lease + "/rating", opinion, "");
    }

    public Sales sales() throws IOException, RefusedException, InterruptedException {
        return get("/v1/sales", Sales.class);
    }

    /// Moves money to another wallet, or earnings to the account's own.
    public void give(Gift gift, String key)
            throws IOException, RefusedException, InterruptedException {
        command("/v1/wallet/gifts", gift, key);
    }

    public Payout payOut(Payout.Request request, String key)
            throws IOException, RefusedException, InterruptedException {
        return sendOnce("/v1/wallet/payouts", request, Payout.class, key);
    }

    public Payout.Page payouts() throws IOException, RefusedException, InterruptedException {
        return get("/v1/wallet/payouts", Payout.Page.class);
    }

    public Dispute dispute(LeaseId lease, Dispute.Request request)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/leases/" + lease + "/dispute", request, Dispute.class, false);
    }

    public Dispute.Page disputes() throws IOException, RefusedException, InterruptedException {
        return get("/v1/disputes", Dispute.Page.class);
    }

    private void command(String path, Object body, String key)
            throws IOException, RefusedException, InterruptedException {
        BodyPublisher bytes = BodyPublishers.ofByteArray(Format.JSON.write(body));
        transport.send(new Call("POST", path, bytes, JSON, key, !key.isEmpty()));
    }

    public Rules rules() throws IOException, RefusedException, InterruptedException {
        return get("/v1/rules", Rules.class);
    }

    /// Blocks or allows someone.
    public Rules putRule(Rule rule) throws IOException, RefusedException, InterruptedException {
        return send("PUT", "/v1/rules", rule, Rules.class, true);
    }

    /// Removes a rule.
    public Rules removeRule(Rule.Side side, String subject)
            throws IOException, RefusedException, InterruptedException {
        return tell("DELETE", "/v1/rules/" + side + "/" + subject, Rules.class);
    }

    public Offers offers(Query where, Ranking order)
            throws IOException, RefusedException, InterruptedException {
        return get("/v1/offers?q=" + encoded(where) + "&order=" + encoded(order), Offers.class);
    }

    /// What an order of these machines would find, and what would have to change.
    public Explanation explain(ExplanationRequest request)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/explanations", request, Explanation.class, true);
    }

    /// What became of the offer of one of the account's computers in the last orders.
    public SellerExplanation explain(SellerId seller)
            throws IOException, RefusedException, InterruptedException {
        return get("/v1/sellers/" + seller + "/explanation", SellerExplanation.class);
    }

    /// The same for what an order lacks.
    public Explanation explain(OrderId order)
            throws IOException, RefusedException, InterruptedException {
        return get("/v1/orders/" + order + "/explanation", Explanation.class);
    }

    public Prices prices(long hours) throws IOException, RefusedException, InterruptedException {
        return get("/v1/prices?hours=" + hours, Prices.class);
    }

    public Quote quote(OrderSpec spec) throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/quotes", spec, Quote.class, true);
    }

    /// Places an order.
    ///
    /// @param key makes a repeated request the same order
    public Order order(OrderRequest request, String key)
            throws IOException, RefusedException, InterruptedException {
        return sendOnce("/v1/orders", request, Order.class, key);
    }

    /// The relays, for which no session is needed.
    public Relays relays() throws IOException, RefusedException, InterruptedException {
        return get("/v1/relays", Relays.class);
    }

    public Orders orders() throws IOException, RefusedException, InterruptedException {
        return get("/v1/orders", Orders.class);
    }

    public Order order(OrderId order) throws IOException, RefusedException, InterruptedException {
        return get("/v1/orders/" + order, Order.class);
    }

    /// The order once its version is above `after`, or as it is when `wait` is over.
    ///
    /// @param wait at most 30 s
    public Order order(OrderId order, long after, Duration wait)
            throws IOException, RefusedException, InterruptedException {
        return get("/v1/orders/" + order + poll("after", after, wait), Order.class);
    }

    public Order stop(OrderId order) throws IOException, RefusedException, InterruptedException {
        return tell("POST", "/v1/orders/" + order + "/stop", Order.class);
    }

    public Lease lease(LeaseId lease) throws IOException, RefusedException, InterruptedException {
        return get("/v1/leases/" + lease, Lease.class);
    }

    public Lease stop(LeaseId lease) throws IOException, RefusedException, InterruptedException {
        return tell("POST", "/v1/leases/" + lease + "/stop", Lease.class);
    }

    /// What the console wrote from byte `from` on; waits up to `wait` for there to be some.
    public ConsolePart console(LeaseId lease, long from, Duration wait)
            throws IOException, RefusedException, InterruptedException {
        return get(
                "/v1/leases/" + lease + "/console" + poll("from", from, wait), ConsolePart.class);
    }

    /// Types on the console.
    public void type(LeaseId lease, byte[] keys)
            throws IOException, RefusedException, InterruptedException {
        post("/v1/leases/" + lease + "/console", new ConsoleKeys(new Blob(keys)), false);
    }

    /// Says something to the agent of a machine about its trust.
    public void askTrust(LeaseId lease, TrustQuestion question)
            throws IOException, RefusedException, InterruptedException {
        post("/v1/leases/" + lease + "/trust", question, false);
    }

    /// What that agent said after number `after`; waits up to `wait` for there to be some.
    public TrustAnswers trustAnswers(LeaseId lease, long after, Duration wait)
            throws IOException, RefusedException, InterruptedException {
        return get(
                "/v1/leases/" + lease + "/trust" + poll("after", after, wait), TrustAnswers.class);
    }

    public NetworkJoined join(NetworkId network, NetworkJoin join)
            throws IOException, RefusedException, InterruptedException {
        return send("PUT", "/v1/networks/" + network + "/members", join, NetworkJoined.class, true);
    }

    /// The network once its version is above `after`, or as it is when `wait` is over.
    public NetworkView network(NetworkId network, long after, Duration wait)
            throws IOException, RefusedException, InterruptedException {
        return get("/v1/networks/" + network + poll("after", after, wait), NetworkView.class);
    }

    /// Says what this computer exchanged on a network that is metered.
    public void countTraffic(NetworkId network, MemberId member, TrafficReport report)
            throws IOException, RefusedException, InterruptedException {
        post("/v1/networks/" + network + "/members/" + member + "/traffic", report, true);
    }

    public void leave(NetworkId network, MemberId member)
            throws IOException, RefusedException, InterruptedException {
        delete("/v1/networks/" + network + "/members/" + member);
    }

    /// Those of the chunks that the coordinator lacks.
    public ChunkList missing(List<String> chunks)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/chunks/missing", new ChunkList(chunks), ChunkList.class, true);
    }

    /// Uploads a chunk, compressed if that pays.
    ///
    /// @return how many bytes travelled
    public long putChunk(String sha256, byte[] content)
            throws IOException, RefusedException, InterruptedException {
        Call call = Call.octets("/v1/chunks/" + sha256, content);
        transport.send(call);
        return call.body().contentLength();
    }

    public ImageSummary complete(ImageUpload upload)
            throws IOException, RefusedException, InterruptedException {
        return send("POST", "/v1/images", upload, ImageSummary.class, true);
    }

    public Images images() throws IOException, RefusedException, InterruptedException {
        return get("/v1/images", Images.class);
    }

    /// The signed manifest's bytes; nothing vouches for them but their signature.
    public byte[] manifest(ImageId image)
            throws IOException, RefusedException, InterruptedException {
        return transport.send(
                new Call("GET", "/v1/images/" + image + "/manifest", NOTHING, "", "", true));
    }

    public void remove(ImageId image) throws IOException, RefusedException, InterruptedException {
        delete("/v1/images/" + image);
    }

    private static String encoded(Object value) {
        return URLEncoder.encode(value.toString(), StandardCharsets.UTF_8);
    }

    private static String poll(String name, long after, Duration wait) {
        return "?" + name + "=" + after + "&wait=" + wait.toSeconds();
    }
}
