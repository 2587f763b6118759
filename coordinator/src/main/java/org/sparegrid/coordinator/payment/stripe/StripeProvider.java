// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment.stripe;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.stripe.Stripe;
import com.stripe.StripeClient;
import com.stripe.exception.IdempotencyException;
import com.stripe.exception.InvalidRequestException;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.exception.StripeException;
import com.stripe.model.Charge;
import com.stripe.model.Dispute;
import com.stripe.model.PaymentIntent;
import com.stripe.model.checkout.Session;
import com.stripe.net.RequestOptions;
import com.stripe.net.Webhook;
import com.stripe.param.DisputeListParams;
import com.stripe.param.PaymentIntentRetrieveParams;
import com.stripe.param.RefundCreateParams;
import com.stripe.param.TransferCreateParams;
import com.stripe.param.TransferListParams;
import com.stripe.param.checkout.SessionCreateParams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.payment.Begun;
import org.sparegrid.coordinator.payment.Cents;
import org.sparegrid.coordinator.payment.Notice;
import org.sparegrid.coordinator.payment.Outcome;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Secret;
import org.sparegrid.coordinator.payment.Standing;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.PayoutId;

/// Payments by Stripe Checkout: a session for each deposit, whose payment intent carries the
/// deposit's name, so that whatever Stripe reports of it leads back to the deposit.
///
/// Source: https://docs.stripe.com/api, https://docs.stripe.com/webhooks/signature
public final class StripeProvider implements PaymentProvider {
    /// The provider's name.
    public static final String NAME = "stripe";

    /// Stripe's own address.
    public static final String ADDRESS = "https://api.stripe.com";

    /// How far the time in a signature may be off.
    static final Duration AGE_MAX = Duration.ofMinutes(5);

    private static final String SIGNATURE_HEADER = "stripe-signature";
    private static final String DEPOSIT = "sparegrid_deposit";
    private static final Pattern SIGNED_AT = Pattern.compile("(?:^|,)t=([0-9]{1,12})(?:,|$)");
    private static final Pattern ACCOUNT = Pattern.compile("acct_[A-Za-z0-9]{1,60}");
    private static final int CONNECT_MAX_MILLIS = 10_000;
    private static final int READ_MAX_MILLIS = 20_000;

    /// A charge has one dispute, in rare cases two.
    private static final long DISPUTES_MAX = 100;

    /// Disputes of which no money was taken: questions of the bank, and those headed off.
    private static final Set<String> HARMLESS =
            Set.of("warning_needs_response", "warning_under_review", "warning_closed", "prevented");

    private final StripeClient client;
    private final Secret webhookKey;
    private final String currency;
    private final String returnAddress;
    private final Clock clock;

    /// @param address where Stripe is asked, normally {@link #ADDRESS}
    /// @param key the secret or restricted key of the account
    /// @param webhookKey what signs the messages to this endpoint, `whsec_…`
    /// @param currency three lower-case letters, one of {@link Cents#CURRENCIES}
    /// @param returnAddress the page that buyers are sent to from Stripe's
    public StripeProvider(
            String address,
            Secret key,
            Secret webhookKey,
            String currency,
            String returnAddress,
            InstantSource clock) {
        this.client = client(address, key);
        this.webhookKey = webhookKey;
        this.currency = currency;
        this.returnAddress = returnAddress;
        this.clock = clock.withZone(ZoneOffset.UTC);
    }

    private static StripeClient client(String address, Secret key) {
        // Otherwise each request tells Stripe how long the one before took.
        Stripe.enableTelemetry = false;
        return StripeClient.builder()
                .setApiBase(address)
                .setApiKey(key.reveal())
                .setConnectTimeout(CONNECT_MAX_MILLIS)
                .setReadTimeout(READ_MAX_MILLIS)
                .build();
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
        try {
            Session session =
                    client.v1()
                            .checkout()
                            .sessions()
                            .create(order(deposit, amount), once("deposit-" + deposit));
            return new Begun.Open(session.getId(), session.getUrl());
        } catch (InvalidRequestException refused) {
            return new Begun.Refused(code(refused));
        } catch (StripeException failed) {
            throw failure("checkout session", failed);
        }
    }

    private SessionCreateParams order(DepositId deposit, Credits amount) {
        return SessionCreateParams.builder()
                .setMode(SessionCreateParams.Mode.PAYMENT)
                .setClientReferenceId(deposit.value())
                .putMetadata(DEPOSIT, deposit.value())
                .setPaymentIntentData(
                        SessionCreateParams.PaymentIntentData.builder()
                                .putMetadata(DEPOSIT, deposit.value())
                                .build())
                .setSuccessUrl(returnAddress)
                .setCancelUrl(returnAddress)
                .addLineItem(
                        SessionCreateParams.LineItem.builder()
                                .setQuantity(1L)
                                .setPriceData(
                                        SessionCreateParams.LineItem.PriceData.builder()
                                                .setCurrency(currency)
                                                .setUnitAmount(Cents.of(amount))
                                                .setProductData(product(deposit))
                                                .build())
                                .build())
                .build();
    }

    private static SessionCreateParams.LineItem.PriceData.ProductData product(DepositId deposit) {
        return SessionCreateParams.LineItem.PriceData.ProductData.builder()
                .setName("Sparegrid deposit " + deposit)
                .build();
    }

    @Override
    public Notice read(org.sparegrid.coordinator.payment.Webhook message) throws IOException {
        String body = new String(message.body(), StandardCharsets.UTF_8);
        String signature = message.header(SIGNATURE_HEADER);
        try {
            var _ =
                    Webhook.Signature.verifyHeader(
                            body, signature, webhookKey.reveal(), AGE_MAX.toSeconds(), clock);
        } catch (SignatureVerificationException | RuntimeException forged) {
            return new Notice.Forged("signature or time");
        }
        if (isOfTheFuture(signature)) {
            return new Notice.Forged("time");
        }
        try {
            JsonObject event = JsonParser.parseString(body).getAsJsonObject();
            return about(
                    event.get("type").getAsString(),
                    event.getAsJsonObject("data").getAsJsonObject("object"));
        } catch (JsonParseException | IllegalStateException | NullPointerException malformed) {
            return new Notice.Forged("body");
        } catch (StripeException failed) {
            throw failure("payment intent", failed);
        }
    }

    /// Stripe's library looks at the age only.
    private boolean isOfTheFuture(String signature) {
        Matcher at = SIGNED_AT.matcher(signature);
        return !at.find()
                || Long.parseLong(at.group(1)) > clock.instant().plus(AGE_MAX).getEpochSecond();
    }

    private Notice about(String type, JsonObject object) throws StripeException {
        if (type.startsWith("checkout.session.")) {
            return named(text(object, "client_reference_id"));
        }
        // Charges, their refunds and disputes name the payment intent, and that names the deposit.
        String intent =
                type.startsWith("payment_intent.")
                        ? text(object, "id")
                        : text(object, "payment_intent");
        return intent.matches("pi_[A-Za-z0-9_]{1,80}")
                ? named(deposit(client.v1().paymentIntents().retrieve(intent).getMetadata()))
                : new Notice.Other();
    }

    private static Notice named(String deposit) {
        try {
            return new Notice.About(new DepositId(deposit));
        } catch (IllegalArgumentException ofSomethingElse) {
            return new Notice.Other();
        }
    }

    private static String deposit(@Nullable Map<String, String> metadata) {
        return metadata == null ? "" : metadata.getOrDefault(DEPOSIT, "");
    }

    private static String text(JsonObject object, String name) {
        return object.has(name) && object.get(name).isJsonPrimitive()
                ? object.get(name).getAsString()
                : "";
    }

    @Override
    public Standing look(DepositId deposit, Credits asked, String reference) throws IOException {
        try {
            Session session = client.v1().checkout().sessions().retrieve(reference);
            return switch (status(session)) {
                case "open" -> Standing.of(Standing.Stage.OPEN);
                case "complete" -> standing(session);
                default -> Standing.of(Standing.Stage.FAILED);
            };
        } catch (StripeException failed) {
            throw failure("checkout session of " + deposit, failed);
        }
    }

    private static String status(Session session) {
        return session.getStatus() == null ? "" : session.getStatus();
    }

    /// What the payment intent of a session that the buyer completed says.
    private Standing standing(Session session) throws StripeException, IOException {
        PaymentIntent intent = intent(session);
        if (!currency.equals(intent.getCurrency())) {
            throw new IOException(
                    "stripe: expected a payment in %s, got %s"
                            .formatted(currency, intent.getCurrency()));
        }
        return switch (intent.getStatus()) {
            case "succeeded" -> paid(intent);
            case "canceled", "requires_payment_method" -> Standing.of(Standing.Stage.FAILED);
            default -> Standing.of(Standing.Stage.CONFIRMED);
        };
    }

    private PaymentIntent intent(Session session) throws StripeException, IOException {
        if (session.getPaymentIntent() == null) {
            throw new IOException("stripe: the session has no payment intent");
        }
        return client.v1()
                .paymentIntents()
                .retrieve(
                        session.getPaymentIntent(),
                        PaymentIntentRetrieveParams.builder().addExpand("latest_charge").build());
    }

    private Standing paid(PaymentIntent intent) throws StripeException {
        Charge charge = intent.getLatestChargeObject();
        long refunded = charge == null ? 0 : cents(charge.getAmountRefunded());
        long disputed = 0;
        long won = 0;
        if (charge != null && Boolean.TRUE.equals(charge.getDisputed())) {
            DisputeListParams of =
                    DisputeListParams.builder()
                            .setPaymentIntent(intent.getId())
                            .setLimit(DISPUTES_MAX)
                            .build();
            for (Dispute dispute : client.v1().disputes().list(of).getData()) {
                boolean took = !HARMLESS.contains(dispute.getStatus());
                disputed += took ? cents(dispute.getAmount()) : 0;
                won += dispute.getStatus().equals("won") ? cents(dispute.getAmount()) : 0;
            }
        }
        return new Standing(
                Standing.Stage.PAID,
                Cents.toCredits(cents(intent.getAmountReceived())),
                Cents.toCredits(refunded),
                Cents.toCredits(disputed),
                Cents.toCredits(won));
    }

    private static long cents(@Nullable Long amount) {
        return amount == null ? 0 : amount;
    }

    @Override
    public Outcome refund(DepositId deposit, Credits amount, String reference) throws IOException {
        try {
            PaymentIntent intent = intent(client.v1().checkout().sessions().retrieve(reference));
            Charge charge = intent.getLatestChargeObject();
            if (charge != null && cents(charge.getAmountRefunded()) >= Cents.of(amount)) {
                return new Outcome.Sent(charge.getId());
            }
            return new Outcome.Sent(
                    client.v1()
                            .refunds()
                            .create(
                                    RefundCreateParams.builder()
                                            .setPaymentIntent(intent.getId())
                                            .setAmount(Cents.of(amount))
                                            .putMetadata(DEPOSIT, deposit.value())
                                            .build(),
                                    once("refund-" + deposit))
                            .getId());
        } catch (InvalidRequestException refused) {
            return new Outcome.Refused(code(refused));
        } catch (StripeException failed) {
            throw failure("refund of " + deposit, failed);
        }
    }

    /// Pays a connected account of the operator's. Stripe forgets keys of requests after a day, but
    /// never the group of a transfer.
    @Override
    public Outcome payOut(PayoutId payout, Credits amount, String destination) throws IOException {
        if (!ACCOUNT.matcher(destination).matches()) {
            return new Outcome.Refused(
                    "stripe pays connected accounts only, such as acct_1AbCdEf, got "
                            + destination);
        }
        try {
            Optional<String> sent =
                    client
                            .v1()
                            .transfers()
                            .list(
                                    TransferListParams.builder()
                                            .setTransferGroup(payout.value())
                                            .build())
                            .getData()
                            .stream()
                            .map(com.stripe.model.Transfer::getId)
                            .findFirst();
            return new Outcome.Sent(
                    sent.isPresent() ? sent.get() : transfer(payout, amount, destination));
        } catch (InvalidRequestException refused) {
            return new Outcome.Refused(code(refused));
        } catch (StripeException failed) {
            throw failure("payout " + payout, failed);
        }
    }

    private String transfer(PayoutId payout, Credits amount, String destination)
            throws StripeException {
        return client.v1()
                .transfers()
                .create(
                        TransferCreateParams.builder()
                                .setAmount(Cents.of(amount))
                                .setCurrency(currency)
                                .setDestination(destination)
                                .setTransferGroup(payout.value())
                                .build(),
                        once("payout-" + payout))
                .getId();
    }

    private static RequestOptions once(String key) {
        return RequestOptions.builder().setIdempotencyKey(key).build();
    }

    /// Stripe's word for what it doesn't like. Its text may say things of the operator's account.
    private static String code(StripeException refused) {
        return refused.getCode() == null ? "the request" : refused.getCode();
    }

    /// The failure without Stripe's text, which shows parts of wrong keys.
    private static IOException failure(String what, StripeException failed) {
        String status = failed.getStatusCode() == null ? "no answer" : "" + failed.getStatusCode();
        String kind =
                failed instanceof IdempotencyException ? "busy" : failed.getClass().getSimpleName();
        return new IOException("stripe: %s: status %s, %s".formatted(what, status, kind));
    }
}
