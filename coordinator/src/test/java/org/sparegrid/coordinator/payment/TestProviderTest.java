// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.testsupport.Property;

class TestProviderTest {
    private static final DepositId DEPOSIT = new DepositId("dep-abcdefghij23");
    private static final Credits AMOUNT = Credits.parse("12.5");
    private static final byte[] SECRET =
            "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final LinkedBlockingQueue<SignedBody> reports = new LinkedBlockingQueue<>();
    private final TestProvider provider = new TestProvider(SECRET, () -> now, reports::add);

    @Test
    void confirmsWhatWasBegunAnyNumberOfTimes() throws InterruptedException {
        assertThat(provider.create(DEPOSIT, AMOUNT).payAt()).isEmpty();
        SignedBody report = reportCreated();
        for (int i = 0; i < 2; i++) {
            assertThat(provider.verify(report.body(), report.signature()))
                    .contains(new PaymentEvent.Confirmed(DEPOSIT, AMOUNT));
        }
    }

    @Test
    void signsAsOthersDo() {
        // openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef over "1767323045.{}"
        SignedBody signed = provider.sign("{}".getBytes(StandardCharsets.US_ASCII));
        assertThat(signed.signature())
                .isEqualTo(
                        "t=1767323045,v1="
                                + "b0f4097dd1ab14f3067b1c697cbcba74d88cb5ed05b82419e8c8ad3384c9f19f");
    }

    @Test
    void reportsFailures() {
        SignedBody report =
                signed(
                        "{\"deposit\":\"dep-abcdefghij23\",\"amount\":\"1\",\"failure\":\"no"
                                + " cover\"}");
        assertThat(provider.verify(report.body(), report.signature()))
                .contains(new PaymentEvent.Failed(DEPOSIT, "no cover"));
    }

    @Test
    void takesTheTimeThatIsFiveMinutesOffAndNoMore() throws InterruptedException {
        provider.create(DEPOSIT, AMOUNT);
        SignedBody report = reportCreated();
        Instant signed = now;
        for (int sign : new int[] {-1, 1}) {
            now = signed.plus(TestProvider.AGE_MAX.multipliedBy(sign));
            assertThat(provider.verify(report.body(), report.signature())).isPresent();
            now = now.plus(Duration.ofSeconds(sign));
            assertThat(provider.verify(report.body(), report.signature())).isEmpty();
        }
    }

    @Test
    void ignoresReportsOfOthers() throws InterruptedException {
        byte[] other = SECRET.clone();
        other[0]++;
        new TestProvider(other, () -> now, reports::add).create(DEPOSIT, AMOUNT);
        SignedBody forged = reportCreated();
        assertThat(provider.verify(forged.body(), forged.signature())).isEmpty();
    }

    @Test
    void ignoresAReportWithAnyBitChanged() throws InterruptedException {
        provider.create(DEPOSIT, AMOUNT);
        SignedBody report = reportCreated();
        Property.holds(
                500,
                random -> {
                    byte[] body = report.body();
                    body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
                    assertThat(provider.verify(body, report.signature())).isEmpty();
                });
    }

    @Test
    void ignoresAChangedTime() throws InterruptedException {
        provider.create(DEPOSIT, AMOUNT);
        SignedBody report = reportCreated();
        String later = report.signature().replace("t=1767323045", "t=1767323046");
        assertThat(later).isNotEqualTo(report.signature());
        assertThat(provider.verify(report.body(), later)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "t=,v1=",
                "t=1767323045",
                "v1=00",
                "t=1767323045,v1=00",
                "t=-1,v1=0000000000000000000000000000000000000000000000000000000000000000",
                "t=999999999999,v1=0000000000000000000000000000000000000000000000000000000000000000",
            })
    void ignoresOtherSignatures(String signature) {
        assertThat(provider.verify(new byte[0], signature)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"deposit\":\"dep-abcdefghij23\",\"amount\":\"1\"}",
                "{\"deposit\":\"ord-abcdefghij23\",\"amount\":\"1\",\"failure\":\"\"}",
                "{\"deposit\":\"dep-abcdefghij23\",\"amount\":1,\"failure\":\"\"}",
            })
    void ignoresSignedBodiesThatAreNoReport(String body) {
        SignedBody report = signed(body);
        assertThat(provider.verify(report.body(), report.signature())).isEmpty();
    }

    @Test
    void ignoresLongBodies() {
        SignedBody report = signed(" ".repeat(4097));
        assertThat(provider.verify(report.body(), report.signature())).isEmpty();
    }

    @Test
    void refusesAShortSecret() {
        assertThatThrownBy(() -> new TestProvider(new byte[31], () -> now, reports::add))
                .hasMessage("test provider: expected a secret of at least 32 bytes, got 31");
    }

    private SignedBody signed(String body) {
        return provider.sign(body.getBytes(StandardCharsets.US_ASCII));
    }

    private SignedBody reportCreated() throws InterruptedException {
        SignedBody report = reports.poll(10, TimeUnit.SECONDS);
        assertThat(report).isNotNull();
        return report;
    }
}
