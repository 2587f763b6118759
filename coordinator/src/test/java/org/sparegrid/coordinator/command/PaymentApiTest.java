// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.config.Settings;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.payment.stripe.FakeStripe;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Deposit;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.Wallet;
import org.sparegrid.protocol.settings.SettingsException;

/// A coordinator whose settings name a payment provider.
class PaymentApiTest {
    private static final String STRIPE =
            """
            payment-provider = "stripe"
            payment-return = "https://grid.example.org/paid"
            """;

    @TempDir private Path folder;

    @Test
    void takesStripesEventsOverHttps() throws Exception {
        try (FakeStripe stripe = new FakeStripe()) {
            write("payment-key", FakeStripe.KEY, "rw-------");
            write("payment-webhook-key", FakeStripe.WEBHOOK_KEY + "\n", "r--------");
            try (Trial trial =
                    new Trial(
                            folder, STRIPE + "payment-address = \"" + stripe.address() + "\"\n")) {
                Trial.Person buyer = trial.person("buyer");
                DepositRequest request = new DepositRequest(Credits.parse("20"), "");
                Deposit deposit =
                        buyer.once("/v1/wallet/deposits", request, "payment-key-1")
                                .as(Deposit.class, 201);
                stripe.pay(stripe.payments().getFirst());
                String event = stripe.events().getFirst();
                Webhook good = FakeStripe.deliver(event, Instant.now());
                send(trial, FakeStripe.sign(event, Instant.now(), "whsec_forged"))
                        .problem("invalid", 400);
                send(trial, new Webhook(good.bytes(), Map.of())).problem("invalid", 400);
                for (int i = 0; i < 2; i++) {
                    assertThat(send(trial, good).status()).isEqualTo(204);
                }
                assertThat(
                                buyer.get("/v1/wallet/deposits/" + deposit.id())
                                        .as(Deposit.class, 200)
                                        .state())
                        .isEqualTo(Deposit.State.POSTED);
                assertThat(buyer.get("/v1/wallet").as(Wallet.class, 200).balance())
                        .isEqualTo(Credits.parse("18"));
                assertThat(trial.faults()).isEmpty();
            }
        }
    }

    private static Trial.Reply send(Trial trial, Webhook message) throws Exception {
        HttpRequest.Builder request =
                trial.request("/v1/webhooks/stripe")
                        .header("Content-Type", "application/json; charset=utf-8")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(message.body()));
        message.headers().forEach(request::header);
        return trial.send(request);
    }

    @Test
    void wantsKeysThatNobodyElseCanRead() throws Exception {
        assertThatThrownBy(this::choose)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "payment-key (setting payment-key-file): there is no such file")
                .hasMessageContaining(PaymentChoice.KEY);
        write("payment-key", "sk_live_secret", "rw-r-----");
        assertThatThrownBy(this::choose)
                .hasMessageContaining("others may read this key; chmod 600 it")
                .hasMessageNotContaining("sk_live_secret");
        write("payment-key", "two lines\nsk_live_secret", "rw-------");
        assertThatThrownBy(this::choose)
                .hasMessageContaining("expected one line")
                .hasMessageNotContaining("sk_live_secret");
        assertThat(
                        new PaymentChoice(
                                        folder,
                                        Settings.parse(settings(STRIPE), "trial").payments(),
                                        Map.of(
                                                PaymentChoice.KEY,
                                                "sk_live_secret",
                                                PaymentChoice.WEBHOOK_KEY,
                                                "whsec_secret"),
                                        InstantSource.system())
                                .make()
                                .apply(_ -> {})
                                .name())
                .isEqualTo("stripe");
    }

    @Test
    void saysWhatIsWrongWithItsSettings() {
        assertThatThrownBy(() ->
                        Settings.parse(
                                settings(
                                        """
                                        payment-provider = "bank"
                                        payment-currency = "jpy"
                                        payment-address = "http://pay.example"
                                        payment-return = "javascript:alert(1)"
                                        """),
                                "trial"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("expected \"test\", \"stripe\" or \"paypal\", got 'bank'")
                .hasMessageContaining("payment-currency")
                .hasMessageContaining("payment-address")
                .hasMessageContaining("payment-return");
        assertThatThrownBy(
                        () -> Settings.parse(settings("payment-provider = \"stripe\"\n"), "trial"))
                .hasMessageContaining("payment-return: name the page");
    }

    private void choose() throws Exception {
        var _ =
                new PaymentChoice(
                                folder,
                                Settings.parse(settings(STRIPE), "trial").payments(),
                                Map.of(),
                                InstantSource.system())
                        .make();
    }

    private static String settings(String more) {
        return "public-addresses = [\"127.0.0.1\"]\n" + more;
    }

    private void write(String name, String text, String permissions) throws IOException {
        Path file = folder.resolve(name);
        Files.deleteIfExists(file);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
