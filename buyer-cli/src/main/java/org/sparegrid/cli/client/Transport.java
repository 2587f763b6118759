// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.sparegrid.protocol.api.Problem;
import org.sparegrid.protocol.http.Gzip;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.tls.PinnedAuthority;

/// Sends requests to the coordinator; what may be repeated safely is repeated when the connection
/// breaks or the coordinator is busy.
final class Transport {
    private static final int TRIES_MAX = 5;
    private static final int TOO_MANY = 429;

    /// No more than this, however long the coordinator asks us to wait: a person is waiting too.
    private static final Duration WAIT_MAX = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /// Long-poll requests wait up to 30 s, and a chunk of 1 MiB may crawl.
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(90);

    private final URI address;
    private final SSLContext tls;
    private final Optional<String> token;
    private final HttpClient http;
    private final Pause pause;

    /// How to let time pass between tries.
    @FunctionalInterface
    interface Pause {
        void of(Duration span) throws InterruptedException;
    }

    /// A request.
    ///
    /// @param bodyType the body's media type, or empty without one
    /// @param bodyCoding its content coding, or empty without one
    /// @param key its Idempotency-Key, or empty without one
    /// @param repeat whether it may be sent twice
    record Call(
            String method,
            String path,
            BodyPublisher body,
            String bodyType,
            String bodyCoding,
            String key,
            boolean repeat) {
        Call(
                String method,
                String path,
                BodyPublisher body,
                String bodyType,
                String key,
                boolean repeat) {
            this(method, path, body, bodyType, "", key, repeat);
        }

        /// Puts bytes there, compressed if that pays.
        static Call octets(String path, byte[] bytes) {
            Optional<byte[]> coded = Gzip.code(bytes);
            return new Call(
                    "PUT",
                    path,
                    BodyPublishers.ofByteArray(coded.orElse(bytes)),
                    "application/octet-stream",
                    coded.isPresent() ? Gzip.NAME : "",
                    "",
                    true);
        }
    }

    Transport(URI address, String authority, Optional<String> token, Pause pause) {
        this.address = address;
        this.tls = new PinnedAuthority(authority).clientContext();
        this.token = token;
        this.pause = pause;
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_TIMEOUT)
                        .sslContext(tls)
                        .build();
    }

    URI address() {
        return address;
    }

    SSLContext tls() {
        return tls;
    }

    byte[] send(Call call) throws IOException, RefusedException, InterruptedException {
        Duration wait = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt == TRIES_MAX || !call.repeat();
            Duration asked = Duration.ZERO;
            try {
                HttpResponse<byte[]> response =
                        http.send(request(call), BodyHandlers.ofByteArray());
                if (response.statusCode() / 100 == 2) {
                    return response.body();
                }
                // A request that was one too many had no effect, so any may be sent again.
                boolean tooMany = response.statusCode() == TOO_MANY && attempt < TRIES_MAX;
                asked = waitOf(response);
                if (!tooMany && (last || !isPassing(response.statusCode()))) {
                    throw new RefusedException(problem(response));
                }
            } catch (SSLException refused) {
                throw new UnreachableException(
                        "the server at " + address + " can't be trusted: " + reason(refused),
                        refused);
            } catch (IOException broken) {
                if (last) {
                    throw new UnreachableException(
                            "can't reach the coordinator at " + address + ": " + reason(broken),
                            broken);
                }
            }
            pause.of(wait.compareTo(asked) > 0 ? wait : asked);
            wait = wait.multipliedBy(2);
        }
    }

    private HttpRequest request(Call call) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + call.path()))
                        .timeout(REQUEST_TIMEOUT)
                        .header("Accept", "application/json, application/problem+json, */*");
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        if (!call.bodyType().isEmpty()) {
            request.header("Content-Type", call.bodyType());
        }
        if (!call.bodyCoding().isEmpty()) {
            request.header("Content-Encoding", call.bodyCoding());
        }
        if (!call.key().isEmpty()) {
            request.header("Idempotency-Key", call.key());
        }
        return request.method(call.method(), call.body()).build();
    }

    /// How long the coordinator asks us to wait. Source: RFC 9110, section 10.2.3.
    private static Duration waitOf(HttpResponse<?> response) {
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        if (!seconds.matches("[0-9]{1,9}")) {
            return Duration.ZERO;
        }
        Duration asked = Duration.ofSeconds(Long.parseLong(seconds));
        return asked.compareTo(WAIT_MAX) > 0 ? WAIT_MAX : asked;
    }

    /// Whether the same request may well succeed a little later.
    private static boolean isPassing(int status) {
        return status == TOO_MANY || status == 502 || status == 503 || status == 504;
    }

    private static Problem problem(HttpResponse<byte[]> response) {
        try {
            return Format.JSON.read(response.body(), Problem.class);
        } catch (MessageFormatException notAProblem) {
            return new Problem(
                    Problem.TYPE_PREFIX + byStatus(response.statusCode()),
                    "the coordinator answered " + response.statusCode(),
                    response.statusCode(),
                    "",
                    List.of());
        }
    }

    private static String byStatus(int status) {
        return switch (status) {
            case 401 -> "unauthenticated";
            case 403 -> "forbidden";
            case 404 -> "not-found";
            case 400 -> "invalid";
            case 402 -> "funds";
            case 409 -> "conflict";
            case 413 -> "too-large";
            case 429 -> "rate-limited";
            default -> "internal";
        };
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null || message.isEmpty() ? wordsOf(cause) : message;
    }

    private static String wordsOf(Throwable cause) {
        return cause.getClass()
                .getSimpleName()
                .replaceAll("Exception$", "")
                .replaceAll("([a-z])([A-Z])", "$1 $2")
                .toLowerCase(java.util.Locale.ROOT);
    }
}
