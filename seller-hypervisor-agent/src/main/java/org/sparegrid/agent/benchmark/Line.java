// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;

/// The way to the coordinator and back: four requests at once, so that one connection's window
/// counts for little. Source: docs/protocol/rest.md, `/v1/line`.
public final class Line implements AutoCloseable {
    /// What one request moves at most: all of a benchmark 12 MiB in each direction.
    static final int BYTES_MAX = 512 << 10;

    /// And at the first time, when the line's speed isn't known.
    static final int BYTES_FIRST = 32 << 10;

    private static final int REQUESTS = 4;

    /// How long one measurement is to take.
    private static final double SECONDS = 0.5;

    private static final Duration ANSWER_MAX = Duration.ofSeconds(20);

    private final URI coordinator;
    private final HttpClient client;
    private final byte[] noise = new byte[BYTES_MAX];
    private int receiveBytes = BYTES_FIRST;
    private int sendBytes = BYTES_FIRST;

    /// Opens no connection yet.
    ///
    /// @param tls shows this computer's certificate
    public Line(URI coordinator, SSLContext tls) {
        this.coordinator = coordinator;
        this.client =
                HttpClient.newBuilder()
                        .sslContext(tls)
                        .connectTimeout(Duration.ofSeconds(10))
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
        new Random(2).nextBytes(noise); // nothing between can pack it
    }

    /// Kilobits a second from the coordinator.
    double receive() throws IOException {
        double speed =
                speed(
                        HttpRequest.newBuilder(
                                coordinator.resolve("/v1/line?bytes=" + receiveBytes)),
                        receiveBytes);
        receiveBytes = next(speed);
        return speed;
    }

    /// Kilobits a second to the coordinator.
    double send() throws IOException {
        double speed =
                speed(
                        HttpRequest.newBuilder(coordinator.resolve("/v1/line"))
                                .header("Content-Type", "application/octet-stream")
                                .PUT(HttpRequest.BodyPublishers.ofByteArray(noise, 0, sendBytes)),
                        sendBytes);
        sendBytes = next(speed);
        return speed;
    }

    /// How much to move next time.
    static int next(double kilobits) {
        double bytes = kilobits * 1000 / 8 * SECONDS / REQUESTS;
        return (int) Math.max(BYTES_FIRST, Math.min(BYTES_MAX, bytes));
    }

    private double speed(HttpRequest.Builder builder, int bytes) throws IOException {
        HttpRequest request = builder.timeout(ANSWER_MAX).build();
        long begin = System.nanoTime();
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()));
        }
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            check(answer, request.method().equals("GET") ? bytes : 0);
        }
        double seconds = Math.max(1, System.nanoTime() - begin) / 1e9;
        return REQUESTS * (double) bytes * 8 / 1000 / seconds;
    }

    private static void check(CompletableFuture<HttpResponse<byte[]>> pending, int bytes)
            throws IOException {
        HttpResponse<byte[]> answer;
        try {
            answer = pending.join();
        } catch (CompletionException failed) {
            throw new IOException("the coordinator: " + failed.getCause(), failed);
        }
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("the coordinator answered HTTP status " + answer.statusCode());
        }
        if (answer.body().length != bytes) {
            throw new IOException(
                    "expected " + bytes + " bytes, the coordinator sent " + answer.body().length);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
