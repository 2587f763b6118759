// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.protocol.tls.PinnedAuthority;

class IdentityTest {
    private static final List<String> NAMES =
            List.of("grid.example.org", "192.0.2.1", "2001:db8::1");

    @TempDir Path parent;
    private Path folder;
    private Instant now;
    private Identity identity;

    @BeforeEach
    void open() throws IOException {
        folder = parent.resolve("identity");
        now = Instant.parse("2026-01-02T03:04:05Z");
        identity = Identity.open(folder, () -> now);
    }

    @Test
    void staysTheSameWhenOpenedAgain() throws IOException {
        Identity again = Identity.open(folder, () -> now);
        assertThat(again.authorityFingerprint())
                .isEqualTo(identity.authorityFingerprint())
                .isEqualTo(PinnedAuthority.fingerprint(identity.authority()));
        assertThat(again.authorityPem()).isEqualTo(identity.authorityPem());
    }

    @Test
    void isAnotherInAnotherFolder() throws IOException {
        assertThat(Identity.open(parent.resolve("other"), () -> now).authorityFingerprint())
                .isNotEqualTo(identity.authorityFingerprint());
    }

    @Test
    void keepsItsFilesToItself() throws IOException {
        identity.serverCertificate(NAMES);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files)
                    .hasSize(2)
                    .allSatisfy(file ->
                            assertThat(
                                            PosixFilePermissions.toString(
                                                    Files.getPosixFilePermissions(file)))
                                    .isEqualTo("rw-------"));
        }
    }

    @Test
    void saysThatADamagedAuthorityIsOfNoUse() throws IOException {
        Files.writeString(folder.resolve("authority.pem"), "");
        assertThatThrownBy(() -> Identity.open(folder, () -> now))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no private key in");
    }

    @Test
    void namesTheServerAsAsked() throws Exception {
        ServerCertificate server = identity.serverCertificate(NAMES);
        List<X509Certificate> chain = certificates(server.chainPem());
        assertThat(chain).hasSize(2).last().isEqualTo(identity.authority());
        assertThat(chain.getFirst().getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "grid.example.org"),
                        List.of(7, "192.0.2.1"),
                        List.of(7, "2001:db8:0:0:0:0:0:1"));
        assertThat(chain.getFirst().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(chain.getFirst().getNotAfter().toInstant())
                .isEqualTo(now.plus(Identity.SERVER_LIFETIME));
        assertThat(server.toString()).isEqualTo("ServerCertificate[]");
    }

    @Test
    void keepsTheServersCertificateWhileItServes() throws IOException {
        ServerCertificate first = identity.serverCertificate(NAMES);
        now = now.plus(Duration.ofDays(334));
        Identity again = Identity.open(folder, () -> now);
        assertThat(again.serverCertificate(NAMES.reversed())).isEqualTo(first);
        assertThat(again.serverCertificate(List.of("192.0.2.1"))).isNotEqualTo(first);
    }

    @Test
    void renewsTheServersCertificateThirtyDaysBeforeItsEnd() throws IOException {
        ServerCertificate first = identity.serverCertificate(NAMES);
        now = now.plus(Duration.ofDays(335));
        ServerCertificate renewed = identity.serverCertificate(NAMES);
        assertThat(renewed).isNotEqualTo(first);
        assertThat(identity.serverCertificate(NAMES)).isEqualTo(renewed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "-a",
                "a-",
                "a..b",
                "a.",
                "*.example.org",
                "http://a",
                "1.2.3.4/8"
            })
    void refusesOtherServerNames(String name) {
        assertThatThrownBy(() -> identity.serverCertificate(List.of(name)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "server certificate: expected a host name or an IP address");
    }

    @Test
    void refusesAServerWithoutNames() {
        assertThatThrownBy(() -> identity.serverCertificate(List.of()))
                .hasMessage("server certificate: expected at least one name");
    }

    @Test
    void knowsAPasswordByItsHash() {
        String hash = identity.hashPassword("correct horse ü");
        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(identity.checkPassword("correct horse ü", hash)).isTrue();
        assertThat(identity.checkPassword("correct horse u", hash)).isFalse();
        assertThat(identity.checkPassword("", hash)).isFalse();
        assertThat(identity.hashPassword("correct horse ü")).isNotEqualTo(hash);
    }

    @Test
    void refusesHashesOfOtherCosts() {
        String hash = identity.hashPassword("a").replace("t=2", "t=1");
        assertThatThrownBy(() -> identity.checkPassword("a", hash))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void drawsTokensAndDigestsThem() {
        assertThat(Stream.generate(identity::newToken).limit(100).distinct())
                .hasSize(100)
                .allMatch(token -> token.matches("[A-Za-z0-9_-]{43}"));
        // FIPS 180-4's example.
        assertThat(Identity.digest("abc"))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    private static List<X509Certificate> certificates(String pem) throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }
}
