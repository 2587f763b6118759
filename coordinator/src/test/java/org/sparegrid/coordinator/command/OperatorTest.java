// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What those who run a coordinator see of it.
class OperatorTest {
    private static final long ALMOST_A_YEAR = 340L * 86_400;

    @TempDir private Path folder;
    private Trial trial;

    @BeforeEach
    void open() throws Exception {
        // What a killed coordinator left.
        Files.createDirectories(folder.resolve("cache/vertx"));
        Files.writeString(folder.resolve("cache/vertx/left"), "old");
        trial = new Trial(folder);
    }

    @AfterEach
    void close() throws Exception {
        trial.close();
    }

    @Test
    void saysThatItLivesAndIsReady() throws Exception {
        assertThat(get("/health/live", "").text()).isEqualTo("{\"status\":\"live\",\"faults\":[]}");
        Trial.Reply ready = get("/health/ready", "");
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.text()).contains("\"ready\"");
    }

    @Test
    void showsFiguresToThoseWithTheTokenOnly() throws Exception {
        get("/metrics", "").problem("unauthenticated", 401);
        get("/metrics", "0123456789-of-trialz").problem("unauthenticated", 401);
        assertThat(get("/v1/wallet", "nobody").status()).isEqualTo(401);
        // Figures are not forgotten with what nobody holds.
        System.gc();
        String figures =
                Trial.await(
                        () -> get("/metrics", "0123456789-of-trials").text(),
                        text ->
                                text.contains(
                                        "sparegrid_requests_seconds_count{operation=\"wallet\","
                                                + "status=\"401\"} 1"));
        assertThat(figures)
                .contains("sparegrid_ledger_sum_nanos 0.0\n")
                .contains("sparegrid_agents 0.0\n")
                .contains("# TYPE sparegrid_commits_total counter")
                .contains("jvm_memory_used_bytes{");
    }

    @Test
    void renewsItsCertificateWhileItServes() throws Exception {
        X509Certificate first = shown();
        trial.renewCertificate();
        assertThat(shown()).isEqualTo(first);
        trial.advance(ALMOST_A_YEAR);
        trial.renewCertificate();
        assertThat(shown().getNotAfter()).isAfter(first.getNotAfter());
    }

    @Test
    void clearsAwayWhatAKilledCoordinatorLeft() {
        assertThat(folder.resolve("cache/vertx/left")).doesNotExist();
    }

    private Trial.Reply get(String path, String token) throws Exception {
        return trial.send(trial.request(path).header("Authorization", "Bearer " + token).GET());
    }

    /// The certificate that a new connection sees, whatever it is.
    private X509Certificate shown() throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", trial.port())) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            // Nothing is trusted with it.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // The test looks at the certificate itself.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
