// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.PayoutId;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// A provider that confirms every payment at once and moves no money, for trials and tests.
///
/// Its reports go the whole way of real ones. The signature is `t=SECONDS,v1=HEX`, where the digits
/// are HMAC-SHA256 over `SECONDS.BODY`, as several real providers do it.
public final class TestProvider implements PaymentProvider {
    /// The provider's name.
    public static final String NAME = "test";

    /// How far the time in a signature may be off.
    public static final Duration AGE_MAX = Duration.ofMinutes(5);

    /// The header of its signature.
    static final String SIGNATURE_HEADER = "sparegrid-signature";

    private static final int SECRET_MIN_BYTES = 32;
    private static final int BODY_MAX_BYTES = 4096;
    private static final Pattern SIGNATURE = Pattern.compile("t=([0-9]{1,12}),v1=([0-9a-f]{64})");

    private final SecretKeySpec secret;
    private final InstantSource clock;
    private final Consumer<Webhook> reports;

    /// @param secret at least 32 random bytes
    /// @param reports takes the signed reports to the coordinator's webhook; it is called on a
    ///   virtual thread of its own for each payment
    public TestProvider(byte[] secret, InstantSource clock, Consumer<Webhook> reports) {
        if (secret.length < SECRET_MIN_BYTES) {
            throw new IllegalArgumentException(
                    "test provider: expected a secret of at least 32 bytes, got " + secret.length);
        }
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
        this.clock = clock;
        this.reports = reports;
    }

    /// Makes a provider with a secret that nobody else knows from what takes its reports.
    public static Function<Consumer<Webhook>, PaymentProvider> at(InstantSource clock) {
        byte[] secret = new byte[SECRET_MIN_BYTES];
        new SecureRandom().nextBytes(secret);
        return reports -> new TestProvider(secret, clock, reports);
    }

    /// What the report's JSON holds.
    record Report(DepositId deposit) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean takes(Credits amount) {
        return amount.nanos() > 0;
    }

    @Override
    public Begun begin(DepositId deposit, Credits amount) {
        Webhook report = sign(Format.JSON.write(new Report(deposit)));
        Thread.ofVirtual().name("test-payment-" + deposit).start(() -> reports.accept(report));
        return new Begun.Open(deposit.value(), "");
    }

    @Override
    public Notice read(Webhook message) {
        byte[] body = message.body();
        Matcher parts = SIGNATURE.matcher(message.header(SIGNATURE_HEADER));
        if (body.length > BODY_MAX_BYTES || !parts.matches()) {
            return new Notice.Forged("no signature, or too long");
        }
        long seconds = Long.parseLong(parts.group(1));
        byte[] claimed = HexFormat.of().parseHex(parts.group(2));
        if (!MessageDigest.isEqual(hmac(seconds, body), claimed)) {
            return new Notice.Forged("signature");
        }
        return isTimely(seconds) ? notice(body) : new Notice.Forged("time");
    }

    /// Every payment is paid as soon as it is begun.
    @Override
    public Standing look(DepositId deposit, Credits asked, String reference) {
        return Standing.paid(asked);
    }

    @Override
    public Outcome refund(DepositId deposit, Credits amount, String reference) {
        return new Outcome.Refused("it took no money");
    }

    @Override
    public Outcome payOut(PayoutId payout, Credits amount, String destination) {
        return new Outcome.Refused("it moves no money");
    }

    Webhook sign(byte[] body) {
        long seconds = clock.instant().getEpochSecond();
        return new Webhook(
                new Blob(body),
                Map.of(
                        SIGNATURE_HEADER,
                        "t=" + seconds + ",v1=" + HexFormat.of().formatHex(hmac(seconds, body))));
    }

    private boolean isTimely(long seconds) {
        try {
            Duration off = Duration.between(Instant.ofEpochSecond(seconds), clock.instant());
            return off.abs().compareTo(AGE_MAX) <= 0;
        } catch (DateTimeException | ArithmeticException absurd) {
            return false;
        }
    }

    private static Notice notice(byte[] body) {
        try {
            return new Notice.About(Format.JSON.read(body, Report.class).deposit());
        } catch (MessageFormatException malformed) {
            return new Notice.Forged("body");
        }
    }

    private byte[] hmac(long seconds, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
            return mac.doFinal(body);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("this Java has no HMAC-SHA256", impossible);
        }
    }
}
