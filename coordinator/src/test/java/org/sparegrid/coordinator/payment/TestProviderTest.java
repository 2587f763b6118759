// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.DepositId;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.testsupport.Property;

class TestProviderTest {
    private static final DepositId DEPOSIT = new DepositId("dep-abcdefghij23");
    private static final Credits AMOUNT = Credits.parse("12.5");
    private static final byte[] SECRET =
            "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final LinkedBlockingQueue<Webhook> reports = new LinkedBlockingQueue<>();
    private final TestProvider provider = new TestProvider(SECRET, () -> now, reports::add);

    @Test
    void confirmsWhatWasBegunAnyNumberOfTimes() throws InterruptedException {
        assertThat(provider.begin(DEPOSIT, AMOUNT)).isEqualTo(new Begun.Open(DEPOSIT.value(), ""));
        Webhook report = reportCreated();
        for (int i = 0; i < 2; i++) {
            assertThat(provider.read(report)).isEqualTo(new Notice.About(DEPOSIT));
        }
        assertThat(provider.look(DEPOSIT, AMOUNT, DEPOSIT.value()))
                .isEqualTo(Standing.paid(AMOUNT));
    }

    @Test
    void signsAsOthersDo() {
        // openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef over "1767323045.{}"
        Webhook signed = provider.sign("{}".getBytes(StandardCharsets.US_ASCII));
        assertThat(signature(signed))
                .isEqualTo(
                        "t=1767323045,v1="
                                + "b0f4097dd1ab14f3067b1c697cbcba74d88cb5ed05b82419e8c8ad3384c9f19f");
    }

    @Test
    void takesTheTimeThatIsFiveMinutesOffAndNoMore() throws InterruptedException {
        provider.begin(DEPOSIT, AMOUNT);
        Webhook report = reportCreated();
        Instant signed = now;
        for (int sign : new int[] {-1, 1}) {
            now = signed.plus(TestProvider.AGE_MAX.multipliedBy(sign));
            assertThat(provider.read(report)).isEqualTo(new Notice.About(DEPOSIT));
            now = now.plus(Duration.ofSeconds(sign));
            assertThat(provider.read(report)).isInstanceOf(Notice.Forged.class);
        }
    }

    @Test
    void ignoresReportsOfOthers() throws InterruptedException {
        byte[] other = SECRET.clone();
        other[0]++;
        new TestProvider(other, () -> now, reports::add).begin(DEPOSIT, AMOUNT);
        Webhook forged = reportCreated();
        assertThat(provider.read(forged)).isInstanceOf(Notice.Forged.class);
    }

    @Test
    void ignoresAReportWithAnyBitChanged() throws InterruptedException {
        provider.begin(DEPOSIT, AMOUNT);
        Webhook report = reportCreated();
        Property.holds(
                500,
                random -> {
                    byte[] body = report.body();
                    body[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
                    assertThat(provider.read(webhook(body, signature(report))))
                            .isInstanceOf(Notice.Forged.class);
                });
    }

    @Test
    void ignoresAChangedTime() throws InterruptedException {
        provider.begin(DEPOSIT, AMOUNT);
        Webhook report = reportCreated();
        String later = signature(report).replace("t=1767323045", "t=1767323046");
        assertThat(later).isNotEqualTo(signature(report));
        assertThat(provider.read(webhook(report.body(), later))).isInstanceOf(Notice.Forged.class);
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
        assertThat(provider.read(webhook(new byte[0], signature)))
                .isInstanceOf(Notice.Forged.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"deposit\":\"ord-abcdefghij23\"}",
                "{\"deposit\":\"dep-abcdefghij23\",\"amount\":\"1\"}",
            })
    void ignoresSignedBodiesThatAreNoReport(String body) {
        Webhook report = signed(body);
        assertThat(provider.read(report)).isInstanceOf(Notice.Forged.class);
    }

    @Test
    void ignoresLongBodies() {
        Webhook report = signed(" ".repeat(4097));
        assertThat(provider.read(report)).isInstanceOf(Notice.Forged.class);
    }

    @Test
    void refusesAShortSecret() {
        assertThatThrownBy(() -> new TestProvider(new byte[31], () -> now, reports::add))
                .hasMessage("test provider: expected a secret of at least 32 bytes, got 31");
    }

    private static Webhook webhook(byte[] body, String signature) {
        return new Webhook(new Blob(body), Map.of(TestProvider.SIGNATURE_HEADER, signature));
    }

    private static String signature(Webhook report) {
        return report.header(TestProvider.SIGNATURE_HEADER);
    }

    private Webhook signed(String body) {
        return provider.sign(body.getBytes(StandardCharsets.US_ASCII));
    }

    private Webhook reportCreated() throws InterruptedException {
        Webhook report = reports.poll(10, TimeUnit.SECONDS);
        assertThat(report).isNotNull();
        return report;
    }
}
