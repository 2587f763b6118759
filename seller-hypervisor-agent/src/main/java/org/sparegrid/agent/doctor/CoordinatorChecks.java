// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import javax.net.ssl.SSLException;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.identity.NotJoinedException;

/// Looks at the way to the coordinator.
final class CoordinatorChecks {
    private static final Duration CLOCK_MAX = Duration.ofSeconds(30);
    private static final String JOIN_AGAIN = "sparegrid-agent join --replace TOKEN";

    private final Findings findings;
    private final InstantSource clock;

    CoordinatorChecks(Findings findings, InstantSource clock) {
        this.findings = findings;
        this.clock = clock;
    }

    /// Asks the coordinator for its health and returns the date that it names, if any.
    interface Call {
        String date(Identity identity) throws IOException, InterruptedException;
    }

    void check(Path data, Call call) throws InterruptedException {
        Identity identity;
        try {
            identity = Identity.load(data);
        } catch (NotJoinedException notYet) {
            findings.advice(
                    "not-joined",
                    "coordinator",
                    String.valueOf(notYet.getMessage()),
                    "sparegrid-agent join TOKEN");
            return;
        } catch (IOException damaged) {
            findings.fault(
                    "identity-damaged", "key", String.valueOf(damaged.getMessage()), JOIN_AGAIN);
            return;
        }
        try {
            String date = call.date(identity);
            findings.ok("coordinator", identity.coordinator() + " answers");
            clock(date);
        } catch (IOException failed) {
            unreachable(identity, failed);
        }
    }

    private void unreachable(Identity identity, IOException failed) {
        String host = identity.coordinator().getHost();
        switch (failed) {
            case UnknownHostException _ ->
                    fault(
                            "coordinator-name",
                            host + " has no address",
                            "check with: getent hosts " + host);
            case HttpTimeoutException _ ->
                    fault(
                            "coordinator-silent",
                            identity.coordinator() + " does not answer in time",
                            "allow outgoing TCP in the firewall of this network");
            case SSLException refused ->
                    fault(
                            "coordinator-tls",
                            "the connection is refused: " + refused.getMessage(),
                            JOIN_AGAIN + "; if the address changed hands, ask its operator first");
            case ConnectException _ when unresolved(failed) ->
                    fault(
                            "coordinator-name",
                            host + " has no address",
                            "check with: getent hosts " + host);
            case ConnectException _ ->
                    fault(
                            "coordinator-refuses",
                            "nobody listens at " + identity.coordinator(),
                            "ask the coordinator's operator; the agent tries again by itself");
            default ->
                    fault(
                            "coordinator-lost",
                            "not reachable: " + failed,
                            "check this computer's network: ip route get 192.0.2.1");
        }
    }

    /// The HTTP client wraps a name that has no address.
    private static boolean unresolved(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException
                    || cause instanceof java.nio.channels.UnresolvedAddressException) {
                return true;
            }
        }
        return false;
    }

    private void fault(String id, String text, String fix) {
        findings.fault(id, "coordinator", text, fix);
    }

    private void clock(String date) {
        Instant theirs;
        try {
            theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeParseException none) {
            findings.ok("clock", "the coordinator doesn't tell the time");
            return;
        }
        Duration off = Duration.between(theirs, clock.instant()).abs();
        if (off.compareTo(CLOCK_MAX) <= 0) {
            findings.ok(
                    "clock", "within " + Math.max(1, off.toSeconds()) + " s of the coordinator's");
        } else {
            findings.fault(
                    "clock-off",
                    "clock",
                    off.toSeconds() + " s off the coordinator's",
                    "sudo timedatectl set-ntp true");
        }
    }

    /// The call itself.
    static String ask(Identity identity) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(identity.tls())
                        .connectTimeout(Duration.ofSeconds(5))
                        .build()) {
            HttpResponse<Void> answer =
                    client.send(
                            HttpRequest.newBuilder(identity.coordinator().resolve("/v1/health"))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding());
            return answer.headers().firstValue("Date").orElse("");
        }
    }
}
