// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
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

    private static final int SECRET_MIN_BYTES = 32;
    private static final int BODY_MAX_BYTES = 4096;
    private static final Pattern SIGNATURE = Pattern.compile("t=([0-9]{1,12}),v1=([0-9a-f]{64})");

    private final SecretKeySpec secret;
    private final InstantSource clock;
    private final Consumer<SignedBody> reports;

    /// @param secret at least 32 random bytes
    /// @param reports takes the signed reports to the coordinator's webhook; it is called on a
    ///   virtual thread of its own for each payment
    public TestProvider(byte[] secret, InstantSource clock, Consumer<SignedBody> reports) {
        if (secret.length < SECRET_MIN_BYTES) {
            throw new IllegalArgumentException(
                    "test provider: expected a secret of at least 32 bytes, got " + secret.length);
        }
        this.secret = new SecretKeySpec(secret, "HmacSHA256");
        this.clock = clock;
        this.reports = reports;
    }

    /// What the report's JSON holds.
    ///
    /// @param failure why the payment failed, or empty if it was made
    record Report(DepositId deposit, Credits amount, String failure) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public TopUp create(DepositId deposit, Credits amount) {
        SignedBody report = sign(Format.JSON.write(new Report(deposit, amount, "")));
        Thread.ofVirtual().name("test-payment-" + deposit).start(() -> reports.accept(report));
        return new TopUp("");
    }

    @Override
    public Optional<PaymentEvent> verify(byte[] rawBody, String signature) {
        Matcher parts = SIGNATURE.matcher(signature);
        if (rawBody.length > BODY_MAX_BYTES || !parts.matches()) {
            return Optional.empty();
        }
        long seconds = Long.parseLong(parts.group(1));
        byte[] claimed = HexFormat.of().parseHex(parts.group(2));
        if (!MessageDigest.isEqual(hmac(seconds, rawBody), claimed) || !isTimely(seconds)) {
            return Optional.empty();
        }
        return event(rawBody);
    }

    SignedBody sign(byte[] body) {
        long seconds = clock.instant().getEpochSecond();
        return new SignedBody(
                new Blob(body),
                "t=" + seconds + ",v1=" + HexFormat.of().formatHex(hmac(seconds, body)));
    }

    private boolean isTimely(long seconds) {
        try {
            Duration off = Duration.between(Instant.ofEpochSecond(seconds), clock.instant());
            return off.abs().compareTo(AGE_MAX) <= 0;
        } catch (DateTimeException | ArithmeticException absurd) {
            return false;
        }
    }

    private static Optional<PaymentEvent> event(byte[] body) {
        try {
            Report report = Format.JSON.read(body, Report.class);
            return Optional.of(
                    report.failure().isEmpty()
                            ? new PaymentEvent.Confirmed(report.deposit(), report.amount())
                            : new PaymentEvent.Failed(report.deposit(), report.failure()));
        } catch (MessageFormatException malformed) {
            return Optional.empty();
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
