// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.identity.TestAuthority;

class ReleaseSourceTest {
    private final TestAuthority authority = new TestAuthority();
    private final HttpsServer server =
            HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final byte[] release = new byte[25_000_000];
    private final StringWriter told = new StringWriter();
    private final CountDownLatch over = new CountDownLatch(1);

    ReleaseSourceTest() throws Exception {}

    @BeforeEach
    void serve() throws Exception {
        new Random(7).nextBytes(release);
        server.setHttpsConfigurator(new HttpsConfigurator(authority.serverContext()));
        server.setExecutor(workers);
        server.createContext("/release", exchange -> answer(exchange, 200, release.length));
        server.createContext("/half", exchange -> answer(exchange, 200, release.length / 2));
        server.createContext(
                "/moved",
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/release");
                    answer(exchange, 302, 0);
                });
        server.start();
    }

    private void answer(HttpExchange exchange, int status, int bytes) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes == 0 ? -1 : release.length);
            OutputStream out = exchange.getResponseBody();
            out.write(release, 0, bytes);
            out.flush();
            if (bytes == release.length / 2) {
                over.await();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        workers.close();
    }

    private InputStream open(SSLContext tls, String path) throws Exception {
        return open(new ReleaseSource(tls, new PrintWriter(told)), path);
    }

    private InputStream open(ReleaseSource source, String path) throws Exception {
        return source.open("https://localhost:" + server.getAddress().getPort() + path);
    }

    @Test
    void fetchesAReleaseAndTellsHowItComesAlong() throws Exception {
        try (InputStream in = open(authority.serverContext(), "/moved")) {
            assertThat(in.readAllBytes()).isEqualTo(release);
        }
        assertThat(told.toString().lines())
                .containsExactly("downloaded 10 of 25 MB", "downloaded 20 of 25 MB");
    }

    @Test
    void refusesAServerThatNobodyVouchesFor() {
        assertThatThrownBy(() -> open(SSLContext.getDefault(), "/release"))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void saysWhatTheServerAnswers() {
        assertThatThrownBy(() -> open(authority.serverContext(), "/none"))
                .isInstanceOf(ReleaseException.class)
                .hasMessageEndingWith("/none answers 404");
    }

    @Test
    void givesUpAServerThatFallsSilent() throws Exception {
        ReleaseSource impatient =
                new ReleaseSource(
                        authority.serverContext(), new PrintWriter(told), Duration.ofSeconds(2));
        assertThatThrownBy(() -> open(impatient, "/half"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the download stopped after ");
        over.countDown();
    }
}
