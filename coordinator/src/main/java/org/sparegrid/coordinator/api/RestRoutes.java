// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import java.util.HashMap;
import java.util.Map;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.VolumeDesk;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.MemberId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ChunkList;
import org.sparegrid.protocol.api.ConsoleKeys;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.Dispute;
import org.sparegrid.protocol.api.EnrolmentRequest;
import org.sparegrid.protocol.api.ExplanationRequest;
import org.sparegrid.protocol.api.Gift;
import org.sparegrid.protocol.api.ImageKey;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.Invoice;
import org.sparegrid.protocol.api.NetworkJoin;
import org.sparegrid.protocol.api.Opinion;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Payout;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.SshKey;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.http.Gzip;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.TrafficReport;

/// What each operation of openapi.yaml does.
final class RestRoutes {
    /// The longest body of an ordinary request.
    static final int BODY_MAX_BYTES = 262_144;

    /// The longest chunk of an image.
    static final int CHUNK_MAX_BYTES = 1 << 20;

    /// The longest body of all: the manifest of a large image.
    static final int UPLOAD_MAX_BYTES = 32 << 20;

    private static final int LEDGER_PAGE = 50;
    private static final int DAY_HOURS = 24;

    /// Answers one request; it may wait.
    @FunctionalInterface
    interface Route {
        Answer answer(Call call) throws Exception;
    }

    /// The body of the health check.
    private record Health(String status) {}

    private final Operations operations;
    private final Map<String, Route> routes = new HashMap<>();

    RestRoutes(Operations operations) {
        this.operations = operations;
        people();
        keys();
        sshKeys();
        wallet();
        money();
        rules();
        volumes();
        market();
        machines();
        trust();
        networks();
        images();
        routes.putAll(new LineRoutes().all());
    }

    /// The operations by their `operationId`.
    Map<String, Route> all() {
        return Map.copyOf(routes);
    }

    private void people() {
        routes.put("health", call -> Answer.ok(new Health("serving")));
        routes.put("relays", call -> Answer.ok(operations.relays()));
        routes.put(
                "register",
                call -> Answer.created(operations.register(call.body(Registration.class))));
        routes.put(
                "logIn", call -> Answer.created(operations.logIn(call.body(Registration.class))));
        routes.put(
                "logOut",
                call -> {
                    operations.logOut(call.token());
                    return Answer.done();
                });
        routes.put("account", call -> Answer.ok(operations.account(call.person())));
        routes.put(
                "setImageKey",
                call ->
                        Answer.ok(
                                operations.setImageKey(
                                        call.person(), call.body(ImageKey.class).publicKey())));
        routes.put("newJoinToken", call -> Answer.created(operations.newJoinToken(call.person())));
        routes.put(
                "enrol",
                call -> Answer.created(operations.enrol(call.body(EnrolmentRequest.class))));
    }

    private void keys() {
        routes.put("keys", call -> Answer.ok(operations.keys().list(call.person())));
        routes.put(
                "makeKey",
                call ->
                        Answer.created(
                                operations
                                        .keys()
                                        .make(call.person(), call.body(ApiKey.Request.class))));
        routes.put(
                "revokeKey",
                call ->
                        Answer.ok(
                                operations
                                        .keys()
                                        .revoke(call.person(), new KeyId(call.path("key")))));
    }

    private void sshKeys() {
        routes.put("sshKeys", call -> Answer.ok(operations.keys().ssh().list(call.person())));
        routes.put(
                "addSshKey",
                call ->
                        Answer.created(
                                operations
                                        .keys()
                                        .ssh()
                                        .add(call.person(), call.body(SshKey.Request.class))));
        routes.put(
                "removeSshKey",
                call -> {
                    operations.keys().ssh().remove(call.person(), SshKey.ofPath(call.path("key")));
                    return Answer.done();
                });
    }

    private void wallet() {
        routes.put("wallet", call -> Answer.ok(operations.wallet(call.person())));
        routes.put(
                "deposit",
                call ->
                        Answer.created(
                                operations.deposit(
                                        call.person(),
                                        call.body(DepositRequest.class),
                                        call.header("Idempotency-Key"))));
        routes.put(
                "showDeposit",
                call ->
                        Answer.ok(
                                operations.deposit(
                                        call.person(), new DepositId(call.path("deposit")))));
        routes.put(
                "ledger",
                call ->
                        Answer.ok(
                                operations.ledger(
                                        call.person(),
                                        (int) call.number("limit", LEDGER_PAGE),
                                        call.number("before", Long.MAX_VALUE))));
        routes.put(
                "webhook",
                call -> {
                    operations.webhook(
                            call.path("provider"), call.bytes(BODY_MAX_BYTES), call.headers());
                    return Answer.done();
                });
    }

    private void money() {
        routes.put(
                "give",
                call -> {
                    operations
                            .deals()
                            .give(
                                    call.holder(),
                                    call.body(Gift.class),
                                    call.header("Idempotency-Key"));
                    return Answer.done();
                });
        routes.put(
                "payOut",
                call ->
                        Answer.created(
                                operations
                                        .deals()
                                        .payOut(
                                                call.holder(),
                                                call.body(Payout.Request.class),
                                                call.header("Idempotency-Key"))));
        routes.put(
                "issueInvoice",
                call ->
                        Answer.ok(
                                operations
                                        .deals()
                                        .invoice(
                                                call.person(),
                                                new DepositId(call.path("deposit")),
                                                call.body(Invoice.Request.class))));
        routes.put("deposits", call -> Answer.ok(operations.deals().deposits(call.person())));
        routes.put("invoices", call -> Answer.ok(operations.deals().invoices(call.person())));
        routes.put("payouts", call -> Answer.ok(operations.deals().payouts(call.person())));
        routes.put(
                "dispute",
                call ->
                        Answer.created(
                                operations
                                        .deals()
                                        .dispute(
                                                call.person(),
                                                lease(call),
                                                call.body(Dispute.Request.class))));
        routes.put("disputes", call -> Answer.ok(operations.deals().disputes(call.person())));
        routes.put("sales", call -> Answer.ok(operations.deals().sales(call.person())));
        routes.put(
                "rate",
                call -> {
                    operations.deals().rate(call.person(), lease(call), call.body(Opinion.class));
                    return Answer.done();
                });
    }

    private void volumes() {
        routes.put("volumes", call -> Answer.ok(volumeDesk().list(call.person())));
        routes.put(
                "createVolume",
                call ->
                        Answer.created(
                                volumeDesk()
                                        .create(
                                                call.person(),
                                                call.body(Volume.Request.class),
                                                call.header("Idempotency-Key"))));
        routes.put(
                "showVolume",
                call ->
                        Answer.ok(
                                volumeDesk()
                                        .get(
                                                call.person(),
                                                new VolumeId(call.path("volume")),
                                                call.number("after", -1),
                                                call.patience())));
        routes.put(
                "removeVolume",
                call ->
                        Answer.ok(
                                volumeDesk()
                                        .remove(call.person(), new VolumeId(call.path("volume")))));
    }

    private VolumeDesk volumeDesk() {
        return operations.deals().volumes();
    }

    private void rules() {
        routes.put("rules", call -> Answer.ok(operations.deals().rules(call.person())));
        routes.put(
                "putRule",
                call ->
                        Answer.ok(
                                operations.deals().putRule(call.person(), call.body(Rule.class))));
        routes.put(
                "removeRule",
                call ->
                        Answer.ok(
                                operations
                                        .deals()
                                        .removeRule(
                                                call.person(),
                                                Rule.Side.valueOf(call.path("side")),
                                                call.path("subject"))));
    }

    private void market() {
        routes.put(
                "offers",
                call -> {
                    call.person();
                    return Answer.ok(operations.offers(call.query("q"), call.ranking("order")));
                });
        routes.put(
                "prices",
                call -> {
                    call.person();
                    return Answer.ok(operations.deals().prices(call.number("hours", DAY_HOURS)));
                });
        routes.put(
                "explain",
                call ->
                        Answer.ok(
                                operations.explain(
                                        call.person(), call.body(ExplanationRequest.class))));
        routes.put(
                "explainSeller",
                call ->
                        Answer.ok(
                                operations.explain(
                                        call.caller(), new SellerId(call.path("seller")))));
        routes.put(
                "explainOrder",
                call ->
                        Answer.ok(
                                operations.explain(
                                        call.person(), new OrderId(call.path("order")))));
        routes.put(
                "quote",
                call -> Answer.ok(operations.quote(call.person(), call.body(OrderSpec.class))));
        routes.put(
                "placeOrder",
                call ->
                        Answer.created(
                                operations.order(
                                        call.holder(),
                                        call.body(OrderRequest.class),
                                        call.header("Idempotency-Key"))));
        routes.put("orders", call -> Answer.ok(operations.orders(call.person())));
        routes.put(
                "showOrder",
                call ->
                        Answer.ok(
                                operations.order(
                                        call.person(),
                                        new OrderId(call.path("order")),
                                        call.number("after", -1),
                                        call.patience())));
        routes.put(
                "stopOrder",
                call ->
                        Answer.ok(
                                operations.stopOrder(
                                        call.person(), new OrderId(call.path("order")))));
    }

    private void machines() {
        routes.put("showLease", call -> Answer.ok(operations.lease(call.person(), lease(call))));
        routes.put(
                "stopLease", call -> Answer.ok(operations.stopLease(call.person(), lease(call))));
        routes.put(
                "console",
                call ->
                        Answer.ok(
                                operations.console(
                                        call.person(),
                                        lease(call),
                                        call.number("from", 0),
                                        call.patience())));
        routes.put(
                "type",
                call -> {
                    operations.type(
                            call.person(), lease(call), call.body(ConsoleKeys.class).bytes());
                    return Answer.done();
                });
    }

    private void trust() {
        routes.put(
                "askTrust",
                call -> {
                    operations.askTrust(call.person(), lease(call), call.body(TrustQuestion.class));
                    return Answer.done();
                });
        routes.put(
                "trustAnswers",
                call ->
                        Answer.ok(
                                operations.trustAnswers(
                                        call.person(),
                                        lease(call),
                                        call.number("after", 0),
                                        call.patience())));
    }

    private static LeaseId lease(Call call) {
        return new LeaseId(call.path("lease"));
    }

    private void networks() {
        routes.put(
                "joinNetwork",
                call ->
                        Answer.ok(
                                operations.joinNetwork(
                                        call.person(),
                                        network(call),
                                        call.body(NetworkJoin.class))));
        routes.put(
                "network",
                call ->
                        Answer.ok(
                                operations.network(
                                        call.person(),
                                        network(call),
                                        call.number("after", -1),
                                        call.patience())));
        routes.put(
                "leaveNetwork",
                call -> {
                    operations.leaveNetwork(
                            call.person(), network(call), new MemberId(call.path("member")));
                    return Answer.done();
                });
        routes.put(
                "countTraffic",
                call -> {
                    operations
                            .deals()
                            .countTraffic(
                                    call.person(),
                                    network(call),
                                    new MemberId(call.path("member")),
                                    call.body(TrafficReport.class));
                    return Answer.done();
                });
    }

    private static NetworkId network(Call call) {
        return new NetworkId(call.path("network"));
    }

    private void images() {
        routes.put(
                "missingChunks",
                call ->
                        Answer.ok(
                                operations.missingChunks(
                                        call.person(),
                                        call.body(ChunkList.class, UPLOAD_MAX_BYTES))));
        routes.put(
                "putChunk",
                call -> {
                    operations.putChunk(
                            call.person(), call.path("sha256"), call.decodedBytes(CHUNK_MAX_BYTES));
                    return Answer.done();
                });
        routes.put(
                "chunk",
                call ->
                        Answer.octets(
                                operations.chunk(call.caller(), call.path("sha256")),
                                Gzip.isAccepted(call.header("Accept-Encoding"))));
        routes.put(
                "completeImage",
                call ->
                        Answer.created(
                                operations.completeImage(
                                        call.person(),
                                        call.body(ImageUpload.class, UPLOAD_MAX_BYTES))));
        routes.put("images", call -> Answer.ok(operations.images(call.person())));
        routes.put(
                "manifest",
                call ->
                        Answer.octets(
                                operations.manifest(
                                        call.caller(), new ImageId(call.path("image")))));
        routes.put(
                "deleteImage",
                call -> {
                    operations.deleteImage(call.person(), new ImageId(call.path("image")));
                    return Answer.done();
                });
    }
}
