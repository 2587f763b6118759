// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.config.PaymentSettings;
import org.sparegrid.coordinator.payment.PaymentProvider;
import org.sparegrid.coordinator.payment.Secret;
import org.sparegrid.coordinator.payment.TestProvider;
import org.sparegrid.coordinator.payment.Webhook;
import org.sparegrid.coordinator.payment.paypal.PayPalProvider;
import org.sparegrid.coordinator.payment.stripe.StripeProvider;

/// Makes the payment provider that the operator chose, with its keys.
///
/// The keys stand in files that their owner alone may read, or in the environment, which wins.
final class PaymentChoice {
    /// The provider's key, instead of the file.
    static final String KEY = "SPAREGRID_PAYMENT_KEY";

    /// What the provider's messages are checked by, instead of the file.
    static final String WEBHOOK_KEY = "SPAREGRID_PAYMENT_WEBHOOK_KEY";

    /// A key is a line; no file of keys is longer.
    private static final int FILE_MAX_BYTES = 1_000;

    private static final Set<PosixFilePermission> OWNERS =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Path folder;
    private final PaymentSettings settings;
    private final Map<String, String> environment;
    private final InstantSource clock;

    PaymentChoice(
            Path folder,
            PaymentSettings settings,
            Map<String, String> environment,
            InstantSource clock) {
        this.folder = folder;
        this.settings = settings;
        this.environment = environment;
        this.clock = clock;
    }

    /// The provider, to be made from what takes reports of one that is of this program.
    ///
    /// @throws IOException if a key isn't there, or is open to others; it says what to do
    Function<Consumer<Webhook>, PaymentProvider> make() throws IOException {
        if (settings.provider() == PaymentSettings.Provider.TEST) {
            return TestProvider.at(clock);
        }
        PaymentProvider made = real();
        return _ -> made;
    }

    private PaymentProvider real() throws IOException {
        Secret key = key("payment-key-file", settings.keyFile(), KEY);
        Secret webhookKey = key("payment-webhook-key-file", settings.webhookKeyFile(), WEBHOOK_KEY);
        return switch (settings.provider()) {
            case STRIPE ->
                    new StripeProvider(
                            address(StripeProvider.ADDRESS),
                            key,
                            webhookKey,
                            settings.currency(),
                            settings.returnAddress(),
                            clock);
            case PAYPAL ->
                    new PayPalProvider(
                            address(PayPalProvider.ADDRESS),
                            key,
                            webhookKey,
                            settings.currency(),
                            settings.returnAddress(),
                            clock);
            case TEST -> throw new IllegalStateException("the test provider has no keys");
        };
    }

    private String address(String own) {
        return settings.address().isEmpty() ? own : settings.address();
    }

    private Secret key(String setting, Path name, String variable) throws IOException {
        @Nullable String given = environment.get(variable);
        if (given != null) {
            return secret(given, "environment variable " + variable);
        }
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "%s (setting %s): there is no such file; write the key of %s into it and"
                                    .formatted(file, setting, settings.provider().label())
                            + " chmod 600 it, or set "
                            + variable);
        }
        Set<PosixFilePermission> open = Files.getPosixFilePermissions(file);
        open.removeAll(OWNERS);
        if (!open.isEmpty()) {
            throw new IOException(
                    "%s (setting %s): others may read this key; chmod 600 it, and have the provider"
                                    .formatted(file, setting)
                            + " make a new one if others use this computer");
        }
        if (Files.size(file) > FILE_MAX_BYTES) {
            throw new IOException("%s (setting %s): too long for a key".formatted(file, setting));
        }
        return secret(Files.readString(file).strip(), "%s (setting %s)".formatted(file, setting));
    }

    private static Secret secret(String text, String where) throws IOException {
        try {
            return new Secret(text);
        } catch (IllegalArgumentException malformed) {
            throw new IOException(where + ": " + malformed.getMessage(), malformed);
        }
    }
}
