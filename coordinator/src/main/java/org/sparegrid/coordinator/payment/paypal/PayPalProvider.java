// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment.paypal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.sparegrid.coordinator.payment.Begun;
import org.sparegrid.coordinator.payment.Cents;
import org.sparegrid.coordinator.payment.Notice;
import org.sparegrid.coordinator.payment.Outcome;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Secret;
import org.sparegrid.coordinator.payment.Standing;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.PayoutId;

/// Payments by PayPal: an order for each deposit, which is captured once the buyer approved it. The
/// order carries the deposit's name, and so does what is captured.
///
/// Source: https://developer.paypal.com/docs/api/orders/v2/,
/// https://developer.paypal.com/docs/api/webhooks/v1/
public final class PayPalProvider implements PaymentProvider {
    /// The provider's name.
    public static final String NAME = "paypal";

    /// PayPal's own address.
    public static final String ADDRESS = "https://api-m.paypal.com";

    /// How far the time of a message may be off. PayPal sends a message again for three days, with
    /// the time of the first.
    static final Duration AGE_MAX = Duration.ofDays(4);

    private static final Duration AHEAD_MAX = Duration.ofMinutes(5);

    /// What PayPal says of a message besides its body, by header and by name in the question.
    private static final List<List<String>> SIGNED =
            List.of(
                    List.of("paypal-auth-algo", "auth_algo"),
                    List.of("paypal-cert-url", "cert_url"),
                    List.of("paypal-transmission-id", "transmission_id"),
                    List.of("paypal-transmission-sig", "transmission_sig"),
                    List.of("paypal-transmission-time", "transmission_time"));

    private static final Pattern HEADER = Pattern.compile("[!-~]{1,1000}");
    private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9-]{1,60}");
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]{1,80}@[^@\\s]{1,80}");
    private static final Set<String> TOOK = Set.of("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED");
    private static final Set<String> FAILED = Set.of("DECLINED", "FAILED");
    private static final Set<String> MOVES = Set.of("COMPLETED", "PENDING");

    private final PayPalApi api;
    private final Secret webhookId;
    private final String currency;
    private final String returnAddress;
    private final InstantSource clock;

    /// @param address where PayPal is asked, normally {@link #ADDRESS}
    /// @param key the client's identifier and secret with a colon between them
    /// @param webhookId what PayPal calls this endpoint
    /// @param currency three lower-case letters, one of {@link Cents#CURRENCIES}
    /// @param returnAddress the page that buyers are sent to from PayPal's
    public PayPalProvider(
            String address,
            Secret key,
            Secret webhookId,
            String currency,
            String returnAddress,
            InstantSource clock) {
        this.api = new PayPalApi(address, key, clock);
        this.webhookId = webhookId;
        this.currency = currency.toUpperCase(Locale.ROOT);
        this.returnAddress = returnAddress;
        this.clock = clock;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean takes(Credits amount) {
        return Cents.areWhole(amount);
    }

    @Override
    public Begun begin(DepositId deposit, Credits amount) throws IOException {
        PayPalApi.Answer answer =
                api.post(
                        "/v2/checkout/orders",
                        order(deposit, amount).toString(),
                        "order-" + deposit);
        if (answer.isDone()) {
            return new Begun.Open(Json.text(answer.body(), "id"), approval(answer.body()));
        }
        if (isRefusal(answer)) {
            return new Begun.Refused(answer.issue());
        }
        throw PayPalApi.failure("order of " + deposit, answer);
    }

    private JsonObject order(DepositId deposit, Credits amount) {
        JsonObject unit = new JsonObject();
        unit.addProperty("custom_id", deposit.value());
        unit.addProperty("description", "Sparegrid deposit " + deposit);
        unit.add("amount", money(amount));
        JsonArray units = new JsonArray();
        units.add(unit);
        JsonObject experience = new JsonObject();
        experience.addProperty("return_url", returnAddress);
        experience.addProperty("cancel_url", returnAddress);
        experience.addProperty("user_action", "PAY_NOW");
        experience.addProperty("shipping_preference", "NO_SHIPPING");
        JsonObject paypal = new JsonObject();
        paypal.add("experience_context", experience);
        JsonObject source = new JsonObject();
        source.add("paypal", paypal);
        JsonObject order = new JsonObject();
        order.addProperty("intent", "CAPTURE");
        order.add("purchase_units", units);
        order.add("payment_source", source);
        return order;
    }

    private static String approval(JsonObject order) {
        return Json.list(order, "links").stream()
                .filter(link -> Set.of("payer-action", "approve").contains(Json.text(link, "rel")))
                .map(link -> Json.text(link, "href"))
                .findFirst()
                .orElse("");
    }

    private JsonObject money(Credits amount) {
        JsonObject money = new JsonObject();
        money.addProperty("currency_code", currency);
        money.addProperty("value", BigDecimal.valueOf(Cents.of(amount), 2).toPlainString());
        return money;
    }

    @Override
    public Notice read(Webhook message) throws IOException {
        JsonObject question = new JsonObject();
        for (List<String> signed : SIGNED) {
            String value = message.header(signed.getFirst());
            if (!HEADER.matcher(value).matches()) {
                return new Notice.Forged("no " + signed.getFirst());
            }
            question.addProperty(signed.getLast(), value);
        }
        if (!isTimely(message.header("paypal-transmission-time"))) {
            return new Notice.Forged("time");
        }
        String body = new String(message.body(), StandardCharsets.UTF_8);
        JsonObject event;
        try {
            event = JsonParser.parseString(body).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException malformed) {
            return new Notice.Forged("body");
        }
        return isSigned(question, body) ? about(event) : new Notice.Forged("signature");
    }

    private boolean isTimely(String sent) {
        try {
            Duration age = Duration.between(Instant.parse(sent), clock.instant());
            return age.compareTo(AGE_MAX) <= 0 && age.compareTo(AHEAD_MAX.negated()) >= 0;
        } catch (DateTimeParseException malformed) {
            return false;
        }
    }

    /// Has PayPal look at its signature. The event must go there as it came, to the byte.
    private boolean isSigned(JsonObject question, String event) throws IOException {
        question.addProperty("webhook_id", webhookId.reveal());
        String open = question.toString();
        PayPalApi.Answer answer =
                api.post(
                        "/v1/notifications/verify-webhook-signature",
                        open.substring(0, open.length() - 1) + ",\"webhook_event\":" + event + "}",
                        "");
        if (!answer.isDone() && !isRefusal(answer)) {
            throw PayPalApi.failure("signature of a message", answer);
        }
        return answer.isDone() && Json.text(answer.body(), "verification_status").equals("SUCCESS");
    }

    private static Notice about(JsonObject event) {
        JsonObject resource = Json.object(event, "resource");
        for (String name :
                List.of(
                        Json.text(resource, "custom_id"),
                        Json.text(Json.first(resource, "purchase_units"), "custom_id"),
                        Json.text(Json.first(resource, "disputed_transactions"), "custom"))) {
            if (name.startsWith(DepositId.PREFIX)) {
                try {
                    return new Notice.About(new DepositId(name));
                } catch (IllegalArgumentException ofSomethingElse) {
                    return new Notice.Other();
                }
            }
        }
        return new Notice.Other();
    }

    /// How an order stands. One that the buyer approved is captured by this.
    @Override
    public Standing look(DepositId deposit, Credits asked, String reference) throws IOException {
        PayPalApi.Answer answer = api.get("/v2/checkout/orders/" + checked(reference));
        if (answer.status() == 404) {
            // Orders that nobody approved are forgotten after some hours.
            return Standing.of(Standing.Stage.FAILED);
        }
        if (!answer.isDone()) {
            throw PayPalApi.failure("order of " + deposit, answer);
        }
        return switch (Json.text(answer.body(), "status")) {
            case "APPROVED" -> capture(deposit, reference);
            case "COMPLETED" -> standing(answer.body());
            case "VOIDED" -> Standing.of(Standing.Stage.FAILED);
            default -> Standing.of(Standing.Stage.OPEN);
        };
    }

    private Standing capture(DepositId deposit, String reference) throws IOException {
        PayPalApi.Answer answer =
                api.post(
                        "/v2/checkout/orders/" + checked(reference) + "/capture",
                        "{}",
                        "capture-" + deposit);
        if (answer.isDone()) {
            return standing(answer.body());
        }
        if (isRefusal(answer)) {
            // The buyer may choose another way of paying at the same address.
            return Standing.of(Standing.Stage.OPEN);
        }
        throw PayPalApi.failure("capture of " + deposit, answer);
    }

    private Standing standing(JsonObject order) throws IOException {
        JsonObject payments = Json.object(Json.first(order, "purchase_units"), "payments");
        JsonObject capture = Json.first(payments, "captures");
        String status = Json.text(capture, "status");
        if (FAILED.contains(status)) {
            return Standing.of(Standing.Stage.FAILED);
        }
        if (!TOOK.contains(status)) {
            return Standing.of(Standing.Stage.CONFIRMED);
        }
        long refunded = 0;
        for (JsonObject refund : Json.list(payments, "refunds")) {
            refunded += MOVES.contains(Json.text(refund, "status")) ? cents(refund, "amount") : 0;
        }
        long disputed = 0;
        long won = 0;
        for (JsonObject dispute : disputes(Json.text(capture, "id"))) {
            disputed += cents(dispute, "dispute_amount");
            won += isWon(dispute) ? cents(dispute, "dispute_amount") : 0;
        }
        return new Standing(
                Standing.Stage.PAID,
                Cents.toCredits(cents(capture, "amount")),
                Cents.toCredits(refunded),
                Cents.toCredits(disputed),
                Cents.toCredits(won));
    }

    private List<JsonObject> disputes(String capture) throws IOException {
        PayPalApi.Answer answer =
                api.get("/v1/customer/disputes?disputed_transaction_id=" + checked(capture));
        if (!answer.isDone()) {
            throw PayPalApi.failure("disputes", answer);
        }
        List<JsonObject> disputes = new ArrayList<>();
        for (JsonObject item : Json.list(answer.body(), "items")) {
            // The list lacks how they ended.
            PayPalApi.Answer dispute =
                    api.get("/v1/customer/disputes/" + checked(Json.text(item, "dispute_id")));
            if (!dispute.isDone()) {
                throw PayPalApi.failure("dispute", dispute);
            }
            disputes.add(dispute.body());
        }
        return disputes;
    }

    private static boolean isWon(JsonObject dispute) {
        return Json.text(Json.object(dispute, "dispute_outcome"), "outcome_code")
                .equals("RESOLVED_SELLER_FAVOUR");
    }

    private long cents(JsonObject of, String name) throws IOException {
        JsonObject money = Json.object(of, name);
        if (!Json.text(money, "currency_code").equals(currency)) {
            throw new IOException(
                    "paypal: expected an amount in %s, got %s"
                            .formatted(currency, Json.text(money, "currency_code")));
        }
        try {
            return new BigDecimal(Json.text(money, "value")).movePointRight(2).longValueExact();
        } catch (ArithmeticException | NumberFormatException malformed) {
            throw new IOException("paypal: malformed amount", malformed);
        }
    }

    @Override
    public Outcome refund(DepositId deposit, Credits amount, String reference) throws IOException {
        PayPalApi.Answer order = api.get("/v2/checkout/orders/" + checked(reference));
        if (!order.isDone()) {
            throw PayPalApi.failure("order of " + deposit, order);
        }
        JsonObject payments = Json.object(Json.first(order.body(), "purchase_units"), "payments");
        JsonObject capture = Json.first(payments, "captures");
        if (Json.text(capture, "status").equals("REFUNDED")) {
            return new Outcome.Sent(Json.text(capture, "id"));
        }
        JsonObject body = new JsonObject();
        body.add("amount", money(amount));
        PayPalApi.Answer answer =
                api.post(
                        "/v2/payments/captures/" + checked(Json.text(capture, "id")) + "/refund",
                        body.toString(),
                        "refund-" + deposit);
        return outcome("refund of " + deposit, answer, Json.text(answer.body(), "id"));
    }

    /// Pays whoever has that e-mail address at PayPal. A batch of the same name is refused for 30
    /// days as a duplicate, which says that it was sent.
    @Override
    public Outcome payOut(PayoutId payout, Credits amount, String destination) throws IOException {
        if (!EMAIL.matcher(destination).matches()) {
            return new Outcome.Refused("paypal pays e-mail addresses only, got " + destination);
        }
        JsonObject item = new JsonObject();
        item.addProperty("recipient_type", "EMAIL");
        item.addProperty("receiver", destination);
        item.addProperty("sender_item_id", payout.value());
        JsonObject value = new JsonObject();
        value.addProperty("currency", currency);
        value.addProperty("value", BigDecimal.valueOf(Cents.of(amount), 2).toPlainString());
        item.add("amount", value);
        JsonArray items = new JsonArray();
        items.add(item);
        JsonObject header = new JsonObject();
        header.addProperty("sender_batch_id", payout.value());
        JsonObject batch = new JsonObject();
        batch.add("sender_batch_header", header);
        batch.add("items", items);
        PayPalApi.Answer answer =
                api.post("/v1/payments/payouts", batch.toString(), "payout-" + payout);
        if (isRefusal(answer) && answer.issue().contains("DUPLICATE")) {
            return new Outcome.Sent(payout.value());
        }
        return outcome(
                "payout " + payout,
                answer,
                Json.text(Json.object(answer.body(), "batch_header"), "payout_batch_id"));
    }

    private static Outcome outcome(String what, PayPalApi.Answer answer, String reference)
            throws IOException {
        if (answer.isDone()) {
            return new Outcome.Sent(reference);
        }
        if (isRefusal(answer)) {
            return new Outcome.Refused(answer.issue());
        }
        throw PayPalApi.failure(what, answer);
    }

    /// Whether it is a no that a repetition would not change.
    private static boolean isRefusal(PayPalApi.Answer answer) {
        return answer.status() == 400 || answer.status() == 422;
    }

    /// What stands in an address.
    private static String checked(String reference) throws IOException {
        if (!NAMES.matcher(reference).matches()) {
            throw new IOException("paypal: malformed name");
        }
        return reference;
    }
}
