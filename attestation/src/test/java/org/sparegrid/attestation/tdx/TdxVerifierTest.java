// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.authority.TestAuthority;
import org.sparegrid.attestation.certificate.ChainResult;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.VendorRoots;

class TdxVerifierTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    private static void refused(TdxVerifier.Result result, TdxRefusal.Code code, String words) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        TdxVerifier.Result.Refused.class,
                        refused -> {
                            assertThat(refused.refusal().code()).isEqualTo(code);
                            assertThat(refused.refusal().reason()).contains(words);
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "cos-113-v4.dat, 4, 00806f050000",
        "spr-e4-v4.dat, 4, 50806f000000",
        "sample-v5.dat, 5, 90c06f000000",
    })
    void verifiesQuotesOfRealPlatforms(String name, int version, String platform) {
        assertThat(TdxVerifier.verify(TdxVectors.quote(name), TdxVectors.INTEL, NOW))
                .isInstanceOfSatisfying(
                        TdxVerifier.Result.Verified.class,
                        verified -> {
                            assertThat(verified.quote().version()).isEqualTo(version);
                            assertThat(verified.platform().platform()).hasToString(platform);
                            assertThat(verified.path()).hasSize(3);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"cos-113-v4.dat", "spr-e4-v4.dat", "sample-v5.dat"})
    void refusesEverySingleChangedBit(String name) {
        byte[] quote = TdxVectors.quote(name);
        int step = Boolean.getBoolean("sparegrid.full") ? 1 : 23;
        for (int bit = 0; bit < 8 * quote.length; bit += step) {
            byte[] changed = quote.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(TdxVerifier.verify(changed, TdxVectors.INTEL, NOW))
                    .as("bit %d", bit)
                    .isInstanceOf(TdxVerifier.Result.Refused.class);
        }
    }

    /// The JDK passes over the count of unused bits in a certificate's signature.
    @Test
    void refusesTheBitThatTheJdkPassesOver() {
        byte[] changed = TdxVectors.quote("cos-113-v4.dat");
        changed[30922 / 8] ^= (byte) (1 << 30922 % 8);
        refused(
                TdxVerifier.verify(changed, TdxVectors.INTEL, NOW),
                TdxRefusal.Code.FORMAT,
                "a signature of whole bytes");
    }

    @Test
    void refusesBytesBehindAQuote() {
        byte[] quote = TdxVectors.quote("cos-113-v4.dat");
        refused(
                TdxVerifier.verify(Arrays.copyOf(quote, quote.length + 1), TdxVectors.INTEL, NOW),
                TdxRefusal.Code.FORMAT,
                "expected a length of");
    }

    @Test
    void looksThePlatformUpInIntelsLists() throws Exception {
        ChainValidator strict =
                new ChainValidator(
                        VendorRoots.intel(), TdxVectors.lists(), RevocationRule.REQUIRED);
        byte[] quote = TdxVectors.quote("spr-e4-v4.dat");
        assertThat(TdxVerifier.verify(quote, strict, Instant.parse("2023-07-01T00:00:00Z")))
                .isInstanceOfSatisfying(
                        TdxVerifier.Result.Verified.class,
                        verified ->
                                assertThat(verified.revocation())
                                        .isEqualTo(ChainResult.Revocation.CHECKED));
        refused(
                TdxVerifier.verify(quote, strict, Instant.parse("2023-08-01T00:00:00Z")),
                TdxRefusal.Code.CHAIN,
                "is stale since 2023-07-08");
        refused(
                TdxVerifier.verify(
                        quote,
                        new ChainValidator(VendorRoots.intel(), List.of(), RevocationRule.REQUIRED),
                        NOW),
                TdxRefusal.Code.CHAIN,
                "no revocation list of Intel SGX Root CA");
    }

    @ParameterizedTest
    @CsvSource({"4, 584", "5, 584", "5, 648"})
    void verifiesEveryVersionAndBody(int version, int bodyLength) throws Exception {
        TestPlatform platform = new TestPlatform();
        byte[] quote = platform.quote(version, Arrays.copyOf(TestPlatform.body(), bodyLength));
        assertThat(TdxVerifier.verify(quote, platform.validator(), TestAuthority.NOW))
                .isInstanceOfSatisfying(
                        TdxVerifier.Result.Verified.class,
                        verified ->
                                assertThat(verified.platform().certifierVersion()).isEqualTo(11));
    }

    @Test
    void doesNotBelieveAPlatformWithARootOfItsOwn() throws Exception {
        TestPlatform platform = new TestPlatform();
        refused(
                TdxVerifier.verify(
                        platform.quote(4, TestPlatform.body()),
                        TdxVectors.INTEL,
                        TestAuthority.NOW),
                TdxRefusal.Code.CHAIN,
                "NO_TRUSTED_ROOT");
    }

    @Test
    void refusesAPlatformOfAnotherAuthority() throws Exception {
        TestPlatform platform = new TestPlatform("Intel SGX Something CA");
        refused(
                TdxVerifier.verify(
                        platform.quote(4, TestPlatform.body()),
                        platform.validator(),
                        TestAuthority.NOW),
                TdxRefusal.Code.CHAIN,
                "issued by another authority");
    }

    @Test
    void refusesAnAttestationKeyTheEnclaveDoesNotName() throws Exception {
        TestPlatform platform = new TestPlatform();
        byte[] quote = platform.quote(4, TestPlatform.body());
        byte[] other = new TestPlatform().quote(4, TestPlatform.body());
        // The whole of another machine's signature and key before this one's enclave report.
        System.arraycopy(other, 636, quote, 636, 128);
        refused(
                TdxVerifier.verify(quote, platform.validator(), TestAuthority.NOW),
                TdxRefusal.Code.KEY_BINDING,
                "names another attestation key");
    }

    @Test
    void refusesAnEnclaveReportThePlatformDidNotSign() throws Exception {
        TestPlatform platform = new TestPlatform();
        byte[] quote = platform.quote(4, TestPlatform.body());
        ByteBuffer.wrap(quote).put(770 + 64, (byte) 1);
        refused(
                TdxVerifier.verify(quote, platform.validator(), TestAuthority.NOW),
                TdxRefusal.Code.ENCLAVE_SIGNATURE,
                "not signed by the platform's key");
    }
}
