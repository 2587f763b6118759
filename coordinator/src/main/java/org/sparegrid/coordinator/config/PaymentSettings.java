// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.sparegrid.coordinator.payment.Cents;
import org.sparegrid.protocol.settings.SettingsTable;

/// By whom people pay. The keys themselves never stand in the settings.
///
/// @param provider who takes the money
/// @param currency what a credit is, three lower-case letters
/// @param returnAddress the page that buyers are sent to after paying; needed but for trials
/// @param address where the provider is asked, or empty for its own address
/// @param keyFile the file with the provider's key, relative to the data folder
/// @param webhookKeyFile the file with what the provider's messages are checked by
public record PaymentSettings(
        Provider provider,
        String currency,
        String returnAddress,
        String address,
        Path keyFile,
        Path webhookKeyFile) {
    private static final String FILE = "[A-Za-z0-9/._-]{1,200}";
    private static final String ADDRESS = "https://[^\\s\"]{1,300}";
    private static final String LOOPBACK = "http://(127[.]0[.]0[.]1|localhost)(:[0-9]{1,5})?/?";

    /// Who takes money.
    public enum Provider {
        /// Confirms everything and moves no money.
        TEST,
        /// Stripe Checkout.
        STRIPE,
        /// PayPal orders.
        PAYPAL;

        /// As the settings and requests name it.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static PaymentSettings parse(SettingsTable table) {
        return new PaymentSettings(
                table.text("payment-provider", "test", PaymentSettings::provider),
                table.text("payment-currency", "usd", PaymentSettings::currency),
                table.text("payment-return", "", PaymentSettings::page),
                table.text("payment-address", "", PaymentSettings::address),
                table.text("payment-key-file", "payment-key", PaymentSettings::file),
                table.text(
                        "payment-webhook-key-file", "payment-webhook-key", PaymentSettings::file));
    }

    /// What is missing, or nothing.
    List<String> faults() {
        return provider != Provider.TEST && returnAddress.isEmpty()
                ? List.of(
                        "payment-return: name the page that buyers come back to after they paid,"
                                + " such as \"https://grid.example.org/paid\"")
                : List.of();
    }

    private static Provider provider(String text) {
        for (Provider each : Provider.values()) {
            if (each.label().equals(text)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "expected \"test\", \"stripe\" or \"paypal\", got '" + text + "'");
    }

    private static String currency(String text) {
        if (!Cents.CURRENCIES.contains(text)) {
            throw new IllegalArgumentException(
                    "expected one of %s, got '%s'"
                            .formatted(
                                    String.join(", ", Cents.CURRENCIES.stream().sorted().toList()),
                                    text));
        }
        return text;
    }

    private static String page(String text) {
        return isAddress(text, ADDRESS) ? text : refuse("https://HOST/PAGE", text);
    }

    private static String address(String text) {
        return isAddress(text, ADDRESS) || isAddress(text, LOOPBACK)
                ? text
                : refuse("https://HOST or http://127.0.0.1:PORT", text);
    }

    private static boolean isAddress(String text, String pattern) {
        if (text.isEmpty()) {
            return true;
        }
        try {
            return text.matches(pattern) && URI.create(text).getHost() != null;
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static String refuse(String expected, String text) {
        throw new IllegalArgumentException("expected %s, got '%s'".formatted(expected, text));
    }

    private static Path file(String text) {
        if (!text.matches(FILE)) {
            throw new IllegalArgumentException("expected a file, got '" + text + "'");
        }
        return Path.of(text);
    }
}
