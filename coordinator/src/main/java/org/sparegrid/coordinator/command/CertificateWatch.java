// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.api.HttpEdge;
import org.sparegrid.coordinator.api.ServerTls;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.identity.ServerCertificate;

/// Renews the server's certificate while it serves.
final class CertificateWatch implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(CertificateWatch.class.getName());
    private static final int EVERY_HOURS = 24;

    private final Identity identity;
    private final List<String> names;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("certificate").factory());
    private ServerTls shown;
    private @Nullable HttpEdge edge;

    /// @param names what the certificate names
    CertificateWatch(Identity identity, List<String> names) throws IOException {
        this.identity = identity;
        this.names = List.copyOf(names);
        this.shown = read();
    }

    synchronized ServerTls current() {
        return shown;
    }

    /// Looks once a day from now on.
    synchronized void renewFor(HttpEdge served) {
        edge = served;
        var _ = clock.scheduleWithFixedDelay(this::look, EVERY_HOURS, EVERY_HOURS, TimeUnit.HOURS);
    }

    /// Shows another certificate if this one ends soon.
    synchronized void look() {
        HttpEdge served = edge;
        try {
            ServerTls next = read();
            if (served != null && !next.chain().equals(shown.chain())) {
                served.renew(next);
                shown = next;
                LOGGER.log(System.Logger.Level.INFO, () -> "server certificate renewed");
            }
        } catch (IOException | RuntimeException failure) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    () -> "server certificate not renewed cause=" + failure.getMessage(),
                    failure);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    private ServerTls read() throws IOException {
        ServerCertificate server = identity.serverCertificate(names);
        return new ServerTls(identity.authorityPem(), server.chainPem(), server.keyPem());
    }
}
