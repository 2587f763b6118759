// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.authority.TestAuthority;
import org.sparegrid.attestation.wire.EvidenceFormatException;

class CertificatesTest {
    private static byte[] der;
    private static String pem;

    @BeforeAll
    static void issues() throws Exception {
        der = TestAuthority.root("CN=Root").certificate().getEncoded();
        pem = Certificates.pem(der);
    }

    @Test
    void readsTheTextItWrites() throws Exception {
        assertThat(Certificates.strictPem((pem + pem).getBytes(US_ASCII)))
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.getEncoded()).isEqualTo(der));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "x", "-----BEGIN CERTIFICATE-----\n"})
    void wantsNothingButCertificatesInAStrictText(String before) {
        for (String text : new String[] {before, before + pem, pem + before}) {
            if (!text.equals(pem)) {
                assertThatThrownBy(() -> Certificates.strictPem(text.getBytes(US_ASCII)))
                        .isInstanceOf(EvidenceFormatException.class);
            }
        }
    }

    @Test
    void refusesLinesOfAnotherLength() {
        String folded = pem.replaceFirst("\n(.{10})", "\n$1\n");
        assertThatThrownBy(() -> Certificates.strictPem(folded.getBytes(US_ASCII)))
                .hasMessageContaining("lines of 64 columns");
    }

    @Test
    void refusesBytesBehindACertificate() {
        assertThatThrownBy(() -> Certificates.certificate(Arrays.copyOf(der, der.length + 1)))
                .hasMessageStartingWith("certificate: expected the end");
    }

    @Test
    void refusesASignatureOfBrokenBytes() throws Exception {
        byte[] changed = der.clone();
        // The bit string's count of unused bits, which the JDK passes over.
        int at = der.length - Certificates.certificate(der).getSignature().length - 1;
        changed[at] = 1;
        assertThatThrownBy(() -> Certificates.certificate(changed))
                .hasMessageContaining("whole bytes");
    }

    @Test
    void refusesTooLongTexts() {
        assertThatThrownBy(() -> Certificates.certificate(new byte[17 * 1024]))
                .hasMessage("certificate: expected at most 16384 bytes, got 17408");
        assertThatThrownBy(() -> Certificates.revocationList(new byte[5 * 1024 * 1024]))
                .hasMessageStartingWith("crl: expected at most");
    }

    @Test
    void readsABundleWithTextBetween(@TempDir Path folder) throws Exception {
        TestAuthority root = TestAuthority.root("CN=Other");
        byte[] below = root.below("CN=Below").certificate().getEncoded();
        String text =
                "# roots\n" + pem.replace("\n", "\r\n") + "\n\nBelow:\n" + Certificates.pem(below);
        TrustAnchors anchors =
                TrustAnchors.ofPem(text.getBytes(US_ASCII), TrustAnchors.Origin.VENDOR);
        assertThat(anchors.roots()).hasSize(1);
        assertThat(anchors.intermediates()).hasSize(1);

        Files.writeString(folder.resolve("bundle.pem"), text);
        Files.write(folder.resolve("other.der"), root.certificate().getEncoded());
        Files.writeString(folder.resolve("README.md"), "not a certificate");
        TrustAnchors all = TrustAnchors.ofFolder(folder, TrustAnchors.Origin.VENDOR);
        assertThat(all.roots()).hasSize(2);
        assertThat(all.intermediates()).hasSize(1);
    }

    @Test
    void namesTheFileThatIsBroken(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("broken.pem"), "nothing");
        assertThatThrownBy(() -> TrustAnchors.ofFolder(folder, TrustAnchors.Origin.VENDOR))
                .hasMessageContaining("broken.pem");
    }
}
