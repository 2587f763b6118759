// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment.paypal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.protocol.control.Blob;

/// As much of PayPal as the coordinator uses: orders, captures, refunds, disputes and payouts, with
/// requests that have their effect once for their name, and events that it knows as its own again.
public final class FakePayPal implements AutoCloseable {
    /// The client's identifier and secret.
    public static final String KEY = "client:secret";

    /// What it calls the endpoint.
    public static final String WEBHOOK = "WH-123";

    private static final String TOKEN = "A21AA-token";
    private static final String WON = "RESOLVED_SELLER_FAVOUR";
    private static final String LOST = "RESOLVED_BUYER_FAVOUR";

    private final HttpServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Answer> answered = new LinkedHashMap<>();
    private final Map<String, Order> orders = new LinkedHashMap<>();
    private final Map<String, JsonObject> payouts = new LinkedHashMap<>();
    private final List<String> events = new ArrayList<>();
    private int numbers;
    private int cutNext;
    private int failNext;

    private record Answer(int status, String body) {}

    /// An order and what became of it.
    public static final class Order {
        private final String id;
        private final JsonObject unit;
        private final List<JsonObject> refunds = new ArrayList<>();
        private final List<JsonObject> disputes = new ArrayList<>();
        private String status = "PAYER_ACTION_REQUIRED";
        private String capture = "";
        private boolean isSlow;

        private Order(String id, JsonObject unit) {
            this.id = id;
            this.unit = unit;
        }

        /// What is to be paid.
        public String value() {
            return unit.getAsJsonObject("amount").get("value").getAsString();
        }

        /// Whether the money was taken from the buyer, and it is all still there but for disputes.
        public boolean isCaptured() {
            return capture.equals("COMPLETED");
        }

        /// What it is called by whoever began it.
        public String deposit() {
            return unit.get("custom_id").getAsString();
        }

        /// Whether the buyer can still approve it.
        public boolean isOpen() {
            return status.equals("PAYER_ACTION_REQUIRED");
        }

        /// Whether the buyer's bank has yet to say whether it pays.
        public boolean isPending() {
            return capture.equals("PENDING");
        }

        /// Whether its money came.
        public boolean isPaid() {
            return capture.equals("COMPLETED") || capture.endsWith("REFUNDED");
        }

        /// What PayPal holds of it now, in cents.
        public long held() {
            return isPaid() ? cents(unit) - refunded() - lost() : 0;
        }

        private long refunded() {
            return refunds.stream().mapToLong(Order::cents).sum();
        }

        private long lost() {
            return disputes.stream()
                    .filter(dispute ->
                            !dispute.has("dispute_outcome")
                                    || !dispute.getAsJsonObject("dispute_outcome")
                                            .get("outcome_code")
                                            .getAsString()
                                            .equals(WON))
                    .mapToLong(dispute -> cents(dispute.getAsJsonObject("dispute_amount")))
                    .sum();
        }

        private static long cents(JsonObject of) {
            JsonObject money = of.has("amount") ? of.getAsJsonObject("amount") : of;
            return money.get("value").getAsBigDecimal().movePointRight(2).longValueExact();
        }
    }

    public FakePayPal() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(workers);
        server.createContext("/", this::handle);
        server.start();
    }

    /// Where it listens.
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        workers.close();
    }

    /// The next so many requests take effect, but their answers are lost.
    public synchronized void cutNext(int requests) {
        cutNext = requests;
    }

    /// The next so many requests are answered with an error and have no effect.
    public synchronized void failNext(int requests) {
        failNext = requests;
    }

    public synchronized List<Order> orders() {
        return List.copyOf(orders.values());
    }

    public synchronized List<JsonObject> payouts() {
        return List.copyOf(payouts.values());
    }

    /// The bodies of all events so far.
    public synchronized List<String> events() {
        return List.copyOf(events);
    }

    /// The buyer approves the payment; nothing is taken yet.
    public synchronized void approve(Order order) {
        order.status = "APPROVED";
        event("CHECKOUT.ORDER.APPROVED", json(order));
    }

    /// The buyer approves the payment from a bank account, which takes days; nothing is taken yet.
    public synchronized void approveSlowly(Order order) {
        order.isSlow = true;
        approve(order);
    }

    /// What was to come from a bank account comes, or doesn't.
    public synchronized void clear(Order order, boolean came) {
        order.capture = came ? "COMPLETED" : "DECLINED";
        event("PAYMENT.CAPTURE." + (came ? "COMPLETED" : "DENIED"), capture(order));
    }

    /// The operator gives some back in PayPal's own pages.
    public synchronized void giveBack(Order order, long cents) {
        JsonObject money = order.unit.getAsJsonObject("amount").deepCopy();
        money.addProperty("value", BigDecimal.valueOf(cents, 2).toPlainString());
        JsonObject refund = addRefund(order, money).deepCopy();
        refund.add("custom_id", order.unit.get("custom_id"));
        event("PAYMENT.CAPTURE.REFUNDED", refund);
    }

    /// PayPal forgets an order that nobody approved.
    public synchronized void forget(Order order) {
        orders.remove(order.id);
    }

    /// The buyer complains, and PayPal takes back what is left of the payment for now.
    public synchronized void dispute(Order order) {
        JsonObject transaction = new JsonObject();
        transaction.addProperty("seller_transaction_id", "CAP" + order.id);
        transaction.addProperty("custom", order.deposit());
        JsonArray transactions = new JsonArray();
        transactions.add(transaction);
        JsonObject money = order.unit.getAsJsonObject("amount").deepCopy();
        money.addProperty("value", BigDecimal.valueOf(order.held(), 2).toPlainString());
        JsonObject dispute = new JsonObject();
        dispute.addProperty("dispute_id", "PP-D-" + ++numbers);
        dispute.add("disputed_transactions", transactions);
        dispute.add("dispute_amount", money);
        order.disputes.add(dispute);
        event("CUSTOMER.DISPUTE.CREATED", dispute);
    }

    /// The last dispute is decided.
    public synchronized void decide(Order order, boolean won) {
        JsonObject outcome = new JsonObject();
        outcome.addProperty("outcome_code", won ? WON : LOST);
        order.disputes.getLast().add("dispute_outcome", outcome);
        event("CUSTOMER.DISPUTE.RESOLVED", order.disputes.getLast());
    }

    /// An event as it is delivered, with a signature that this server knows again.
    public static Webhook deliver(String event, Instant at) {
        return webhook(event, at, signature(event));
    }

    /// An event with any signature.
    public static Webhook webhook(String event, Instant at, String signature) {
        return new Webhook(
                new Blob(event.getBytes(StandardCharsets.UTF_8)),
                Map.of(
                        "paypal-auth-algo", "SHA256withRSA",
                        "paypal-cert-url", "https://api.paypal.com/cert",
                        "paypal-transmission-id", "t-1",
                        "paypal-transmission-sig", signature,
                        "paypal-transmission-time", at.toString()));
    }

    private static String signature(String event) {
        return "sig" + Integer.toHexString(event.hashCode());
    }

    private void event(String type, JsonObject resource) {
        JsonObject event = new JsonObject();
        event.addProperty("id", "WH-" + ++numbers);
        event.addProperty("event_type", type);
        event.add("resource", resource.deepCopy());
        events.add(event.toString());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body =
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Answer answer = answer(exchange, body);
            if (isCut()) {
                return;
            }
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private synchronized boolean isCut() {
        if (cutNext == 0) {
            return false;
        }
        cutNext--;
        return true;
    }

    private synchronized Answer answer(HttpExchange exchange, String body) {
        if (failNext > 0) {
            failNext--;
            return error(503, "SERVICE_UNAVAILABLE");
        }
        String path = exchange.getRequestURI().getPath();
        String shown = exchange.getRequestHeaders().getFirst("Authorization");
        if (path.equals("/v1/oauth2/token")) {
            String basic =
                    Base64.getEncoder().encodeToString(KEY.getBytes(StandardCharsets.US_ASCII));
            return ("Basic " + basic).equals(shown)
                    ? new Answer(200, "{\"access_token\":\"" + TOKEN + "\",\"expires_in\":32400}")
                    : error(401, "invalid_client");
        }
        if (!("Bearer " + TOKEN).equals(shown)) {
            return error(401, "invalid_token");
        }
        if (exchange.getRequestMethod().equals("GET")) {
            return get(path, String.valueOf(exchange.getRequestURI().getQuery()));
        }
        if (path.equals("/v1/notifications/verify-webhook-signature")) {
            return verify(body);
        }
        String name = exchange.getRequestHeaders().getFirst("PayPal-Request-Id");
        if (name == null) {
            throw new AssertionError("a request without PayPal-Request-Id: " + path);
        }
        Answer before = answered.get(name);
        if (before != null) {
            return before;
        }
        Answer fresh = post(path, JsonParser.parseString(body).getAsJsonObject());
        answered.put(name, fresh);
        return fresh;
    }

    /// The event must be there as it went out, to the byte.
    private static Answer verify(String body) {
        JsonObject question = JsonParser.parseString(body).getAsJsonObject();
        String event = body.substring(body.indexOf("\"webhook_event\":") + 16, body.length() - 1);
        boolean good =
                question.get("webhook_id").getAsString().equals(WEBHOOK)
                        && question.get("transmission_sig").getAsString().equals(signature(event));
        return new Answer(
                200, "{\"verification_status\":\"" + (good ? "SUCCESS" : "FAILURE") + "\"}");
    }

    private Answer post(String path, JsonObject body) {
        String[] parts = path.split("/");
        if (path.equals("/v2/checkout/orders")) {
            String id = "5O19" + ++numbers;
            JsonObject unit = body.getAsJsonArray("purchase_units").get(0).getAsJsonObject();
            orders.put(id, new Order(id, unit));
            return new Answer(201, json(orders.get(id)).toString());
        }
        if (path.endsWith("/capture")) {
            Order order = orders.get(parts[4]);
            if (!order.status.equals("APPROVED")) {
                return error(422, "ORDER_NOT_APPROVED");
            }
            order.status = "COMPLETED";
            order.capture = order.isSlow ? "PENDING" : "COMPLETED";
            event("PAYMENT.CAPTURE." + order.capture, capture(order));
            return new Answer(201, json(order).toString());
        }
        if (path.endsWith("/refund")) {
            return refund(orders.get(parts[4].substring(3)), body);
        }
        if (path.equals("/v1/payments/payouts")) {
            String batch =
                    body.getAsJsonObject("sender_batch_header")
                            .get("sender_batch_id")
                            .getAsString();
            payouts.put(batch, body);
            return new Answer(201, "{\"batch_header\":{\"payout_batch_id\":\"B" + batch + "\"}}");
        }
        return error(404, "RESOURCE_NOT_FOUND");
    }

    private Answer refund(Order order, JsonObject body) {
        return new Answer(201, addRefund(order, body.getAsJsonObject("amount")).toString());
    }

    private JsonObject addRefund(Order order, JsonObject amount) {
        JsonObject refund = new JsonObject();
        refund.addProperty("id", "REF" + ++numbers);
        refund.addProperty("status", "COMPLETED");
        refund.add("amount", amount);
        order.refunds.add(refund);
        order.capture = order.held() == 0 ? "REFUNDED" : "PARTIALLY_REFUNDED";
        return refund;
    }

    private Answer get(String path, String query) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (path.startsWith("/v2/checkout/orders/")) {
            return orders.containsKey(name)
                    ? new Answer(200, json(orders.get(name)).toString())
                    : error(404, "RESOURCE_NOT_FOUND");
        }
        JsonArray items = new JsonArray();
        for (Order order : orders.values()) {
            for (JsonObject dispute : order.disputes) {
                if (name.equals(dispute.get("dispute_id").getAsString())) {
                    return new Answer(200, dispute.toString());
                }
                if (query.equals("disputed_transaction_id=CAP" + order.id)) {
                    JsonObject item = new JsonObject();
                    item.add("dispute_id", dispute.get("dispute_id"));
                    items.add(item);
                }
            }
        }
        JsonObject list = new JsonObject();
        list.add("items", items);
        return new Answer(200, list.toString());
    }

    private static JsonObject capture(Order order) {
        JsonObject capture = new JsonObject();
        capture.addProperty("id", "CAP" + order.id);
        capture.addProperty("status", order.capture);
        capture.add("custom_id", order.unit.get("custom_id"));
        capture.add("amount", order.unit.get("amount"));
        return capture;
    }

    private static JsonObject json(Order order) {
        JsonObject unit = order.unit.deepCopy();
        if (!order.capture.isEmpty()) {
            JsonArray captures = new JsonArray();
            captures.add(capture(order));
            JsonArray refunds = new JsonArray();
            order.refunds.forEach(refunds::add);
            JsonObject payments = new JsonObject();
            payments.add("captures", captures);
            payments.add("refunds", refunds);
            unit.add("payments", payments);
        }
        JsonArray units = new JsonArray();
        units.add(unit);
        JsonObject link = new JsonObject();
        link.addProperty("rel", "payer-action");
        link.addProperty("href", "https://paypal.example/checkoutnow?token=" + order.id);
        JsonArray links = new JsonArray();
        links.add(link);
        JsonObject json = new JsonObject();
        json.addProperty("id", order.id);
        json.addProperty("status", order.status);
        json.add("purchase_units", units);
        json.add("links", links);
        return json;
    }

    private static Answer error(int status, String name) {
        return new Answer(status, "{\"name\":\"" + name + "\",\"message\":\"no, " + KEY + "\"}");
    }
}
