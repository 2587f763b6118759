// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.identity.TestAuthority;

class CoordinatorChecksTest {
    private static final InstantSource NOW =
            InstantSource.fixed(Instant.parse("2026-11-21T08:00:00Z"));

    @TempDir private Path folder = Path.of("/nonexistent");

    private String found(CoordinatorChecks.Call call) throws Exception {
        Findings findings = new Findings(false);
        new CoordinatorChecks(findings, NOW).check(folder, call);
        return findings.all().getLast().id();
    }

    private String failing(IOException failure) throws Exception {
        return found(_ -> {
            throw failure;
        });
    }

    @Test
    void findsThatItHasNotJoined() throws Exception {
        assertThat(found(_ -> "")).isEqualTo("not-joined");
    }

    @Test
    void findsThatItsKeyIsDamaged() throws Exception {
        Files.writeString(folder.resolve("identity.json"), "{");

        assertThat(found(_ -> "")).isEqualTo("identity-damaged");
    }

    @Test
    void tellsApartWhyTheCoordinatorIsNotReached() throws Exception {
        new TestAuthority().agent(URI.create("https://coordinator.example:8443")).store(folder);

        assertThat(failing(new UnknownHostException("x"))).isEqualTo("coordinator-name");
        ConnectException unresolved = new ConnectException();
        unresolved.initCause(new java.nio.channels.UnresolvedAddressException());
        assertThat(failing(unresolved)).isEqualTo("coordinator-name");
        assertThat(failing(new ConnectException("refused"))).isEqualTo("coordinator-refuses");
        assertThat(failing(new HttpTimeoutException("x"))).isEqualTo("coordinator-silent");
        assertThat(failing(new SSLHandshakeException("x"))).isEqualTo("coordinator-tls");
        assertThat(failing(new IOException("reset"))).isEqualTo("coordinator-lost");
    }

    @Test
    void findsThatTheClockIsOff() throws Exception {
        new TestAuthority().agent(URI.create("https://coordinator.example:8443")).store(folder);

        assertThat(found(_ -> "Sat, 21 Nov 2026 08:00:20 GMT")).isEqualTo("ok");
        assertThat(found(_ -> "Sat, 21 Nov 2026 08:01:20 GMT")).isEqualTo("clock-off");
        assertThat(found(_ -> "soon")).isEqualTo("ok");
    }
}
