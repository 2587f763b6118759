// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.JoinToken;
import org.sparegrid.protocol.api.EnrolmentRequest;
import org.sparegrid.protocol.api.Problem;
import org.sparegrid.protocol.json.Format;

/// Joining a coordinator over real TLS on the loopback.
class JoinTest {
    private static final String SECRET = "abcdefghijklmnopqrstuvwxyz";

    @TempDir Path folder;

    private final TestAuthority authority = new TestAuthority();

    /// Who signs; an impostor behind the coordinator's name signs with its own.
    private TestAuthority signer = authority;

    private final HttpsServer server =
            HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);

    JoinTest() throws Exception {}

    @BeforeEach
    void serve() throws Exception {
        server.setHttpsConfigurator(new HttpsConfigurator(authority.serverContext()));
        server.createContext("/v1/agents", this::enrol);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void enrol(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            EnrolmentRequest request = Format.JSON.read(body, EnrolmentRequest.class);
            boolean known = request.secret().equals(SECRET);
            byte[] answer =
                    Format.JSON.write(
                            known
                                    ? signer.enrol(request.certificateRequest())
                                    : new Problem(
                                            Problem.TYPE_PREFIX + "forbidden",
                                            "Forbidden",
                                            403,
                                            "the token was used already",
                                            List.of()));
            exchange.sendResponseHeaders(known ? 201 : 403, answer.length);
            exchange.getResponseBody().write(answer);
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }

    private JoinToken token(String fingerprint, String secret) {
        URI uri = URI.create("https://localhost:" + server.getAddress().getPort());
        return new JoinToken(uri, fingerprint, secret);
    }

    @Test
    void joinsAndKeepsTheKeyToItself() throws Exception {
        Identity joined = Join.enrol(token(authority.fingerprint(), SECRET));
        joined.store(folder);
        assertThat(Identity.load(folder)).isEqualTo(joined);
        assertThat(joined.tls().getProtocol()).isEqualTo("TLSv1.3");
        Path file = folder.resolve("identity.json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(joined.toString()).doesNotContain("PRIVATE");
    }

    @Test
    void passesOnWhyTheTokenIsRefused() {
        assertThatThrownBy(() ->
                        Join.enrol(token(authority.fingerprint(), "zyxwvutsrqponmlkjihgfedcba")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("the token was used already");
    }

    @Test
    void sendsNothingToAServerOfAnotherAuthority() throws Exception {
        String other = new TestAuthority().fingerprint();
        assertThatThrownBy(() -> Join.enrol(token(other, SECRET)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the coordinator that was pinned");
    }

    @Test
    void refusesACertificateOfAnotherAuthority() throws Exception {
        signer = new TestAuthority();
        assertThatThrownBy(() -> Join.enrol(token(authority.fingerprint(), SECRET)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("another authority");
    }

    @Test
    void saysWhenThereIsNoIdentityOrADamagedOne() throws Exception {
        assertThatThrownBy(() -> Identity.load(folder)).isInstanceOf(NotJoinedException.class);
        Files.writeString(folder.resolve("identity.json"), "{}");
        assertThatThrownBy(() -> Identity.load(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("join again");
    }
}
