// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment.stripe;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.protocol.control.Blob;

/// As much of Stripe as the coordinator uses: an HTTP server that remembers sessions, payments,
/// refunds, disputes and transfers, answers a repeated Idempotency-Key with what it answered first,
/// and signs events, which the test delivers as it likes.
public final class FakeStripe implements AutoCloseable {
    /// What the account's requests must show.
    public static final String KEY = "sk_test_0123456789";

    /// What its events are signed with.
    public static final String WEBHOOK_KEY = "whsec_0123456789abcdef";

    private final HttpServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Answer> answered = new LinkedHashMap<>();
    private final Map<String, Payment> payments = new LinkedHashMap<>();
    private final Map<String, JsonObject> transfers = new LinkedHashMap<>();
    private final List<String> events = new ArrayList<>();
    private int numbers;
    private int cutNext;
    private int failNext;

    private record Answer(int status, String body, String of) {}

    /// A session and the payment that is made in it.
    public static final class Payment {
        private final String session;
        private final String intent;
        private final String deposit;
        private final String currency;
        private final long cents;
        private String status = "open";
        private String intentStatus = "requires_payment_method";
        private long refunded;
        private final List<JsonObject> disputes = new ArrayList<>();

        private Payment(String session, String intent, Map<String, String> form) {
            this.session = session;
            this.intent = intent;
            this.deposit = form.get("client_reference_id");
            this.currency = form.get("line_items[0][price_data][currency]");
            this.cents = Long.parseLong(form.get("line_items[0][price_data][unit_amount]"));
        }

        /// What it is called by whoever began it.
        public String deposit() {
            return deposit;
        }

        /// What it is about.
        public long cents() {
            return cents;
        }

        /// Whether its money came.
        public boolean isPaid() {
            return intentStatus.equals("succeeded");
        }

        /// Whether it can still be paid.
        public boolean isOpen() {
            return status.equals("open");
        }

        /// What Stripe holds of it now.
        public long held() {
            long gone =
                    disputes.stream()
                            .filter(dispute -> !dispute.get("status").getAsString().equals("won"))
                            .mapToLong(dispute -> dispute.get("amount").getAsLong())
                            .sum();
            return isPaid() ? cents - refunded - gone : 0;
        }

        /// What was given back of it.
        public long refunded() {
            return refunded;
        }
    }

    public FakeStripe() throws IOException {
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

    /// The next so many requests fail at Stripe.
    public synchronized void failNext(int requests) {
        failNext = requests;
    }

    /// Everything that was begun.
    public synchronized List<Payment> payments() {
        return List.copyOf(payments.values());
    }

    /// What was paid out.
    public synchronized List<JsonObject> transfers() {
        return List.copyOf(transfers.values());
    }

    /// The bodies of all events so far; they accumulate.
    public synchronized List<String> events() {
        return List.copyOf(events);
    }

    /// The buyer pays, by a way that takes effect at once.
    public synchronized void pay(Payment payment) {
        payment.status = "complete";
        payment.intentStatus = "succeeded";
        event("checkout.session.completed", session(payment));
        event("payment_intent.succeeded", intent(payment, false));
    }

    /// The buyer pays, by a way that takes days.
    public synchronized void promise(Payment payment) {
        payment.status = "complete";
        payment.intentStatus = "processing";
        event("checkout.session.completed", session(payment));
    }

    /// What was promised comes, or doesn't.
    public synchronized void keep(Payment payment, boolean kept) {
        payment.intentStatus = kept ? "succeeded" : "requires_payment_method";
        event(
                "checkout.session.async_payment_" + (kept ? "succeeded" : "failed"),
                session(payment));
    }

    /// Nobody pays in time.
    public synchronized void expire(Payment payment) {
        payment.status = "expired";
        event("checkout.session.expired", session(payment));
    }

    /// The operator gives some back in Stripe's dashboard.
    public synchronized void refund(Payment payment, long cents) {
        payment.refunded += cents;
        event("charge.refunded", charge(payment));
    }

    /// The buyer's bank takes some back.
    public synchronized void dispute(Payment payment, long cents) {
        JsonObject dispute = new JsonObject();
        dispute.addProperty("id", "du_" + ++numbers);
        dispute.addProperty("object", "dispute");
        dispute.addProperty("amount", cents);
        dispute.addProperty("status", "needs_response");
        dispute.addProperty("payment_intent", payment.intent);
        payment.disputes.add(dispute);
        event("charge.dispute.created", dispute);
    }

    /// The last dispute is decided.
    public synchronized void decide(Payment payment, boolean won) {
        JsonObject dispute = payment.disputes.getLast();
        dispute.addProperty("status", won ? "won" : "lost");
        event("charge.dispute.closed", dispute);
    }

    /// An event as Stripe delivers it at that time.
    public static Webhook deliver(String event, Instant at) {
        return sign(event, at, WEBHOOK_KEY);
    }

    /// An event signed with any key.
    public static Webhook sign(String event, Instant at, String key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            long seconds = at.getEpochSecond();
            byte[] hash = mac.doFinal((seconds + "." + event).getBytes(StandardCharsets.UTF_8));
            return new Webhook(
                    new Blob(event.getBytes(StandardCharsets.UTF_8)),
                    Map.of(
                            "stripe-signature",
                            "t=" + seconds + ",v1=" + HexFormat.of().formatHex(hash)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void event(String type, JsonObject object) {
        JsonObject data = new JsonObject();
        data.add("object", object.deepCopy());
        JsonObject event = new JsonObject();
        event.addProperty("id", "evt_" + ++numbers);
        event.addProperty("object", "event");
        event.addProperty("type", type);
        event.add("data", data);
        events.add(event.toString());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Answer answer = answer(exchange, new String(body, StandardCharsets.UTF_8));
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
        if (!("Bearer " + KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return error(401, "invalid_request_error", "");
        }
        if (failNext > 0) {
            failNext--;
            return error(500, "api_error", "");
        }
        String path = exchange.getRequestURI().getPath();
        Map<String, String> form = form(body);
        if (exchange.getRequestMethod().equals("GET")) {
            String query = exchange.getRequestURI().getRawQuery();
            return get(path, form(query == null ? "" : query));
        }
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        if (key == null) {
            throw new AssertionError("a request without Idempotency-Key: " + path);
        }
        Answer before = answered.get(key);
        if (before != null) {
            return before.of().equals(path + body)
                    ? before
                    : error(400, "idempotency_error", "idempotency_error");
        }
        Answer fresh = post(path, form);
        answered.put(key, new Answer(fresh.status(), fresh.body(), path + body));
        return fresh;
    }

    private Answer post(String path, Map<String, String> form) {
        return switch (path) {
            case "/v1/checkout/sessions" -> {
                String name = "cs_test_" + ++numbers;
                Payment payment = new Payment(name, "pi_" + ++numbers, form);
                if (payment.cents < 50) {
                    yield error(400, "invalid_request_error", "amount_too_small");
                }
                payments.put(name, payment);
                yield ok(session(payment));
            }
            case "/v1/refunds" -> refund(form);
            case "/v1/transfers" -> {
                JsonObject transfer = new JsonObject();
                transfer.addProperty("id", "tr_" + ++numbers);
                transfer.addProperty("object", "transfer");
                transfer.addProperty("amount", Long.parseLong(form.get("amount")));
                transfer.addProperty("destination", form.get("destination"));
                transfer.addProperty("transfer_group", form.get("transfer_group"));
                transfers.put(form.get("transfer_group"), transfer);
                yield ok(transfer);
            }
            default -> error(404, "invalid_request_error", "");
        };
    }

    private Answer refund(Map<String, String> form) {
        Payment payment = ofIntent(form.get("payment_intent"));
        long cents = Long.parseLong(form.get("amount"));
        if (payment.refunded + cents > payment.cents || !payment.isPaid()) {
            return error(400, "invalid_request_error", "charge_already_refunded");
        }
        refund(payment, cents);
        JsonObject refund = new JsonObject();
        refund.addProperty("id", "re_" + ++numbers);
        refund.addProperty("object", "refund");
        return ok(refund);
    }

    private Answer get(String path, Map<String, String> query) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (path.startsWith("/v1/checkout/sessions/") && payments.containsKey(name)) {
            return ok(session(payments.get(name)));
        }
        if (path.startsWith("/v1/payment_intents/")) {
            return ok(intent(ofIntent(name), "latest_charge".equals(query.get("expand[0]"))));
        }
        if (path.equals("/v1/disputes")) {
            return list(ofIntent(query.get("payment_intent")).disputes);
        }
        if (path.equals("/v1/transfers")) {
            JsonObject transfer = transfers.get(query.get("transfer_group"));
            return list(transfer == null ? List.of() : List.of(transfer));
        }
        return error(404, "invalid_request_error", "resource_missing");
    }

    private Payment ofIntent(String intent) {
        return payments.values().stream()
                .filter(payment -> payment.intent.equals(intent))
                .findFirst()
                .orElseThrow();
    }

    private static JsonObject session(Payment payment) {
        JsonObject session = new JsonObject();
        session.addProperty("id", payment.session);
        session.addProperty("object", "checkout.session");
        session.addProperty("client_reference_id", payment.deposit);
        session.addProperty("url", "https://checkout.example/c/pay/" + payment.session);
        session.addProperty("status", payment.status);
        session.addProperty("payment_status", payment.isPaid() ? "paid" : "unpaid");
        session.addProperty("amount_total", payment.cents);
        session.addProperty("currency", payment.currency);
        if (!payment.status.equals("open")) {
            session.addProperty("payment_intent", payment.intent);
        }
        return session;
    }

    private static JsonObject intent(Payment payment, boolean expanded) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("sparegrid_deposit", payment.deposit);
        JsonObject intent = new JsonObject();
        intent.addProperty("id", payment.intent);
        intent.addProperty("object", "payment_intent");
        intent.addProperty("status", payment.intentStatus);
        intent.addProperty("amount", payment.cents);
        intent.addProperty("amount_received", payment.isPaid() ? payment.cents : 0);
        intent.addProperty("currency", payment.currency);
        intent.add("metadata", metadata);
        if (payment.isPaid() && expanded) {
            intent.add("latest_charge", charge(payment));
        }
        return intent;
    }

    private static JsonObject charge(Payment payment) {
        JsonObject charge = new JsonObject();
        charge.addProperty("id", "ch_" + payment.intent);
        charge.addProperty("object", "charge");
        charge.addProperty("amount_refunded", payment.refunded);
        charge.addProperty("disputed", !payment.disputes.isEmpty());
        charge.addProperty("payment_intent", payment.intent);
        return charge;
    }

    private static Answer list(List<JsonObject> items) {
        JsonArray data = new JsonArray();
        items.forEach(data::add);
        JsonObject list = new JsonObject();
        list.addProperty("object", "list");
        list.add("data", data);
        list.addProperty("has_more", false);
        return ok(list);
    }

    private static Answer ok(JsonObject body) {
        return new Answer(200, body.toString(), "");
    }

    private static Answer error(int status, String type, String code) {
        JsonObject error = new JsonObject();
        error.addProperty("type", type);
        error.addProperty("message", "no, " + KEY);
        if (!code.isEmpty()) {
            error.addProperty("code", code);
        }
        JsonObject body = new JsonObject();
        body.add("error", error);
        return new Answer(status, body.toString(), "");
    }

    private static Map<String, String> form(String text) {
        Map<String, String> form = new LinkedHashMap<>();
        for (String pair : text.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                form.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return form;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
