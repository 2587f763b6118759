// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();

    @Test
    void takesTheMiddleAndTheSpreadOfTheMiddleHalf() {
        Figure odd = Figure.of("disk", "MiB/s", List.of(50.0, 10.0, 20.0, 1000.0, 40.0));
        assertThat(odd.median()).isEqualTo(40);
        assertThat(odd.spread()).isEqualTo(30);
        Figure even = Figure.of("disk", "MiB/s", List.of(10.0, 20.0));
        assertThat(even.median()).isEqualTo(15);
        assertThat(even.spread()).isEqualTo(5);
        assertThat(Figure.of("disk", "MiB/s", List.of(7.0)).spread()).isZero();
        assertThat(odd.line()).isEqualTo("disk: 40 MiB/s, spread 75.0 % of 5");
    }

    @Test
    void differsByMoreThanTheNoise() {
        Figure before = new Figure("disk", "MiB/s", 100, 10, 5);
        assertThat(new Figure("disk", "MiB/s", 110, 0, 5).differs(before, 0)).isFalse();
        assertThat(new Figure("disk", "MiB/s", 111, 0, 5).differs(before, 0)).isTrue();
        assertThat(new Figure("disk", "MiB/s", 111, 12, 5).differs(before, 0)).isFalse();
        assertThat(new Figure("disk", "MiB/s", 111, 0, 5).differs(before, 0.2)).isFalse();
        assertThat(new Figure("disk", "MiB/s", 80, 0, 5).differs(before, 0)).isTrue();
    }

    @Test
    void movesWhatTakesHalfASecond() {
        assertThat(Line.next(1)).isEqualTo(Line.BYTES_FIRST);
        assertThat(Line.next(20_000)).isEqualTo(312_500);
        assertThat(Line.next(1_000_000)).isEqualTo(Line.BYTES_MAX);
    }

    @Test
    void measuresThisComputerAndLeavesNothing() throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
        server.createContext("/v1/line", this::line);
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (Line line = new Line(uri, SSLContext.getDefault())) {
            Instant at = Instant.parse("2026-11-21T08:00:00Z");
            Figures figures = Benchmark.run(folder, Optional.of(line), at);
            assertThat(figures.at()).isEqualTo("2026-11-21T08:00:00Z");
            for (String name : List.of(Figures.ONE_CORE, Figures.ALL_CORES, "memory")) {
                assertThat(figures.figure(name).orElseThrow().median()).isPositive();
            }
            for (String name : List.of(Figures.RECEIVE, Figures.SEND)) {
                assertThat(figures.figure(name).orElseThrow().median()).isPositive();
            }
            // A file system in memory has no disk to be measured, and says so.
            assertThat(figures.figure("disk write").isPresent())
                    .isEqualTo(figures.missing().isEmpty());
        } finally {
            server.stop(0);
        }
        assertThat(received.get()).isBetween(24L * Line.BYTES_FIRST, 24L * Line.BYTES_MAX);
        assertThat(sent.get()).isBetween(24L * Line.BYTES_FIRST, 24L * Line.BYTES_MAX);
        try (var left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void saysWhatCouldNotBeMeasured() throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (Line line = new Line(uri, SSLContext.getDefault())) {
            assertThatThrownBy(line::receive)
                    .isInstanceOf(IOException.class)
                    .hasMessage("the coordinator answered HTTP status 404");
        } finally {
            server.stop(0);
        }
        assertThatThrownBy(() -> DiskSpeed.in(folder.resolve("none")))
                .isInstanceOf(IOException.class);
    }

    private void line(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestMethod().equals("PUT")) {
                sent.addAndGet(exchange.getRequestBody().readAllBytes().length);
                exchange.sendResponseHeaders(204, -1);
            } else {
                String query = exchange.getRequestURI().getQuery();
                byte[] answer = new byte[Integer.parseInt(query.substring("bytes=".length()))];
                received.addAndGet(answer.length);
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            }
        }
    }
}
