// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.coordinator.image.KeptBytes;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Account;
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
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.TrustQuestion;
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

/// All that can be asked of the coordinator, without HTTP. Methods may wait (for the database, or
/// as long as `wait` says) and are called on virtual threads. See docs/protocol/rest.md.
public interface Operations {
    /// Who shows that token, a session's or an API key's, if it is valid.
    Optional<Caller.Holder> holder(String token);

    /// Whether that agent is enrolled and not revoked.
    boolean isEnrolled(SellerId seller);

    Session register(Registration registration) throws RefusedException;

    /// What keeps the coordinator from serving well; empty if nothing does.
    List<String> faults();

    Session logIn(Registration registration) throws RefusedException;

    /// Ends a session.
    void logOut(String token) throws RefusedException;

    /// Secrets with which programs act for an account.
    Keys keys();

    Account account(AccountId account) throws RefusedException;

    Account setImageKey(AccountId account, String publicKey) throws RefusedException;

    NewJoinToken newJoinToken(AccountId account) throws RefusedException;

    Enrolment enrol(EnrolmentRequest request) throws RefusedException;

    Wallet wallet(AccountId account) throws RefusedException;

    Deposit deposit(AccountId account, DepositRequest request, String idempotencyKey)
            throws RefusedException;

    Deposit deposit(AccountId account, DepositId deposit) throws RefusedException;

    /// The ledger newest first: at most `limit` entries whose number is below `before`.
    LedgerPage ledger(AccountId account, int limit, long before) throws RefusedException;

    /// A payment provider's message, exactly as it came.
    ///
    /// @param headers by their names in lower case
    void webhook(String provider, byte[] body, Map<String, String> headers) throws RefusedException;

    /// What people settle with each other.
    Deals deals();

    /// What can be had now.
    Offers offers(Query where, Ranking order) throws RefusedException;

    /// What an order would find, and what would have to change.
    Explanation explain(AccountId account, ExplanationRequest request) throws RefusedException;

    /// What became of a seller's offer; for its owner and its own agent.
    SellerExplanation explain(Caller caller, SellerId seller) throws RefusedException;

    /// The same for what an order lacks.
    Explanation explain(AccountId account, OrderId order) throws RefusedException;

    Quote quote(AccountId account, OrderSpec spec) throws RefusedException;

    Order order(Caller.Holder payer, OrderRequest request, String idempotencyKey)
            throws RefusedException;

    Orders orders(AccountId account) throws RefusedException;

    /// The order, at once or when its version is above `after` or `wait` has passed.
    Order order(AccountId account, OrderId order, long after, Duration wait)
            throws RefusedException, InterruptedException;

    Order stopOrder(AccountId account, OrderId order) throws RefusedException;

    Lease lease(AccountId account, LeaseId lease) throws RefusedException;

    Lease stopLease(AccountId account, LeaseId lease) throws RefusedException;

    ConsolePart console(AccountId account, LeaseId lease, long from, Duration wait)
            throws RefusedException, InterruptedException;

    void type(AccountId account, LeaseId lease, Blob keys) throws RefusedException;

    /// Streams to port 22 of machines.
    Streams streams();

    /// Says something to the agent of a machine about its trust.
    void askTrust(AccountId account, LeaseId lease, TrustQuestion question) throws RefusedException;

    /// What that agent said after number `after`, at once or when `wait` has passed.
    TrustAnswers trustAnswers(AccountId account, LeaseId lease, long after, Duration wait)
            throws RefusedException, InterruptedException;

    NetworkJoined joinNetwork(AccountId account, NetworkId network, NetworkJoin join)
            throws RefusedException;

    /// Names no member, so that anyone may ask.
    Relays relays();

    NetworkView network(AccountId account, NetworkId network, long after, Duration wait)
            throws RefusedException, InterruptedException;

    void leaveNetwork(AccountId account, NetworkId network, MemberId member)
            throws RefusedException;

    ChunkList missingChunks(AccountId account, ChunkList chunks) throws RefusedException;

    void putChunk(AccountId account, String sha256, byte[] bytes)
            throws RefusedException, IOException;

    KeptBytes chunk(Caller caller, String sha256) throws RefusedException, IOException;

    ImageSummary completeImage(AccountId account, ImageUpload upload)
            throws RefusedException, IOException;

    Images images(AccountId account) throws RefusedException;

    byte[] manifest(Caller caller, ImageId image) throws RefusedException, IOException;

    void deleteImage(AccountId account, ImageId image) throws RefusedException, IOException;

    /// An agent's session began or was taken up again; `link` is used until {@link #disconnected}.
    /// A second link of the same agent replaces the first.
    void connected(SellerId seller, AgentLink link);

    /// A message of an agent, in order. When this returns its effect is durable and may be
    /// acknowledged.
    ///
    /// @throws RefusedException if the agent breaks the protocol; its connection is then closed
    void received(SellerId seller, AgentMessage message) throws RefusedException;

    /// How long a frame took to the agent and back, in microseconds. It never waits.
    void measured(SellerId seller, int roundTripMicros);

    /// The agent's connection is gone; its session may be taken up again.
    void disconnected(SellerId seller, AgentLink link);

    /// The way to one agent.
    interface AgentLink {
        /// Queues a message within the agent's session. It never waits.
        void send(CoordinatorMessage message);

        /// From which IP address the agent has called, as this coordinator sees it.
        String address();

        /// Whether it is made of requests, as the agent can't have a WebSocket.
        default boolean isPolled() {
            return false;
        }
    }
}
