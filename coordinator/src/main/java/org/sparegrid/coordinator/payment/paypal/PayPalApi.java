// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment.paypal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import org.sparegrid.coordinator.payment.Secret;

/// Asks PayPal, with an access token that is fetched when it is needed.
///
/// Source: https://developer.paypal.com/api/rest/
final class PayPalApi {
    /// What PayPal answered.
    ///
    /// @param body empty if there was none
    record Answer(int status, JsonObject body) {
        boolean isDone() {
            return status / 100 == 2;
        }

        /// PayPal's word for what it doesn't like; its text may say things of the account.
        String issue() {
            JsonObject first = Json.first(body, "details");
            String issue = Json.text(first, "issue");
            return issue.isEmpty() ? Json.text(body, "name") : issue;
        }
    }

    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(20);

    /// Before a token ends so that no request comes too late.
    private static final Duration TOKEN_SLACK = Duration.ofMinutes(1);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_MAX)
                    .build();
    private final String address;
    private final Secret key;
    private final InstantSource clock;
    private String token = "";
    private Instant tokenEnds = Instant.MIN;

    /// @param key the client's identifier and secret with a colon between them
    PayPalApi(String address, Secret key, InstantSource clock) {
        this.address = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
        this.key = key;
        this.clock = clock;
    }

    Answer get(String path) throws IOException {
        return ask(authorized(path).GET());
    }

    /// Sends a request that has its effect once for its name, however often it is sent.
    Answer post(String path, String body, String name) throws IOException {
        HttpRequest.Builder request =
                authorized(path)
                        .header("Content-Type", "application/json")
                        .header("Prefer", "return=representation")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        return ask(name.isEmpty() ? request : request.header("PayPal-Request-Id", name));
    }

    /// What is no answer to build on: PayPal is out of order, or doesn't know the operator.
    static IOException failure(String what, Answer answer) {
        return new IOException("paypal: %s: status %d".formatted(what, answer.status()));
    }

    private HttpRequest.Builder authorized(String path) throws IOException {
        return request(path).header("Authorization", "Bearer " + token());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).timeout(ANSWER_MAX);
    }

    private synchronized String token() throws IOException {
        Instant now = clock.instant();
        if (now.isBefore(tokenEnds)) {
            return token;
        }
        String basic =
                Base64.getEncoder()
                        .encodeToString(key.reveal().getBytes(StandardCharsets.US_ASCII));
        Answer answer =
                ask(
                        request("/v1/oauth2/token")
                                .header("Authorization", "Basic " + basic)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "grant_type=client_credentials")));
        String fresh = Json.text(answer.body(), "access_token");
        if (!answer.isDone() || fresh.isEmpty()) {
            throw failure("access token", answer);
        }
        token = fresh;
        tokenEnds = now.plusSeconds(Json.number(answer.body(), "expires_in")).minus(TOKEN_SLACK);
        return token;
    }

    private Answer ask(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<String> response =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            String body = response.body();
            return new Answer(
                    response.statusCode(),
                    body.isBlank()
                            ? new JsonObject()
                            : JsonParser.parseString(body).getAsJsonObject());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("paypal: interrupted", interrupted);
        } catch (JsonParseException | IllegalStateException malformed) {
            throw new IOException("paypal: malformed answer", malformed);
        }
    }
}
