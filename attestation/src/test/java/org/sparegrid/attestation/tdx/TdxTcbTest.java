// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.authority.TestAuthority;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.VendorRoots;
import org.sparegrid.attestation.wire.Octets;

class TdxTcbTest {
    private static final Instant NOW = TestAuthority.NOW;
    private static TestPlatform platform;
    private static TdxVerifier.Result.Verified verified;

    @BeforeAll
    static void quotes() throws Exception {
        platform = new TestPlatform();
        verified = verified(platform.quote(4, TestPlatform.body()));
    }

    private static TdxVerifier.Result.Verified verified(byte[] quote) {
        return (TdxVerifier.Result.Verified) TdxVerifier.verify(quote, platform.validator(), NOW);
    }

    private static TdxTcb.Result rated(String tcbInfo, String identity) throws Exception {
        return TdxTcb.rate(
                verified, platform.collateral(tcbInfo, identity), platform.validator(), NOW);
    }

    private static void refused(TdxTcb.Result result, TdxRefusal.Code code, String words) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        TdxTcb.Result.Refused.class,
                        refused -> {
                            assertThat(refused.refusal().code()).isEqualTo(code);
                            assertThat(refused.refusal().reason()).contains(words);
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "5:UpToDate, UpToDate, UpToDate, UP_TO_DATE",
        "6:UpToDate 5:OutOfDate, UpToDate, UpToDate, OUT_OF_DATE",
        "5:UpToDate, OutOfDate, UpToDate, OUT_OF_DATE",
        "5:UpToDate, UpToDate, OutOfDate, OUT_OF_DATE",
        "5:ConfigurationNeeded, OutOfDate, UpToDate, OUT_OF_DATE_CONFIGURATION_NEEDED",
        "5:SWHardeningNeeded, UpToDate, UpToDate, SW_HARDENING_NEEDED",
        "5:UpToDate, Revoked, UpToDate, REVOKED",
        "5:Revoked, UpToDate, OutOfDate, REVOKED",
    })
    void ratesByTheFirstLevelThatHoldsAndTheWorstPart(
            String levels, String module, String enclave, TcbStatus status) throws Exception {
        assertThat(
                        rated(
                                TestPlatform.tcbInfo(module, levels.split(" ")),
                                TestPlatform.identity(enclave)))
                .isInstanceOfSatisfying(
                        TdxTcb.Result.Rated.class,
                        rated -> {
                            assertThat(rated.status()).isEqualTo(status);
                            assertThat(rated.evaluation()).isEqualTo(17);
                            assertThat(rated.advisories()).containsExactly("INTEL-SA-5");
                        });
    }

    @Test
    void refusesAPlatformBelowEveryLevel() throws Exception {
        refused(
                rated(
                        TestPlatform.tcbInfo("UpToDate", "6:UpToDate"),
                        TestPlatform.identity("UpToDate")),
                TdxRefusal.Code.TCB,
                "below every level");
    }

    @Test
    void refusesCollateralOfAnotherPlatform() throws Exception {
        refused(
                rated(
                        TestPlatform.tcbInfo("UpToDate", "5:UpToDate")
                                .replace("00806F050000", "00806F050001"),
                        TestPlatform.identity("UpToDate")),
                TdxRefusal.Code.COLLATERAL_MISMATCH,
                "not of platform 00806f050000");
    }

    @Test
    void refusesAModuleAndAnEnclaveIntelDoesNotName() throws Exception {
        String tcbInfo = TestPlatform.tcbInfo("UpToDate", "5:UpToDate");
        refused(
                rated(tcbInfo.replace("TDX_01", "TDX_02"), TestPlatform.identity("UpToDate")),
                TdxRefusal.Code.MODULE_IDENTITY,
                "TDX module");
        refused(
                rated(tcbInfo, TestPlatform.identity("UpToDate").replace("DCDC", "DCDD")),
                TdxRefusal.Code.ENCLAVE_IDENTITY,
                "quoting enclave");
        byte[] enclave = TestPlatform.enclave();
        enclave[48] = 0x17;
        TdxVerifier.Result.Verified debug =
                verified(platform.quote(4, TestPlatform.body(), enclave));
        refused(
                TdxTcb.rate(
                        debug,
                        platform.collateral(tcbInfo, TestPlatform.identity("UpToDate")),
                        platform.validator(),
                        NOW),
                TdxRefusal.Code.ENCLAVE_IDENTITY,
                "quoting enclave");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2025-12-14T00:00:00Z", "2026-01-16T00:00:00Z"})
    void refusesCollateralOfAnotherTime(String time) throws Exception {
        refused(
                TdxTcb.rate(
                        verified,
                        platform.collateral(
                                TestPlatform.tcbInfo("UpToDate", "5:UpToDate"),
                                TestPlatform.identity("UpToDate")),
                        platform.validator(),
                        Instant.parse(time)),
                TdxRefusal.Code.COLLATERAL_STALE,
                "holds from 2025-12-15T00:00:00Z to 2026-01-15T00:00:00Z");
    }

    @Test
    void refusesChangedCollateral() throws Exception {
        TdxCollateral good =
                platform.collateral(
                        TestPlatform.tcbInfo("UpToDate", "5:UpToDate"),
                        TestPlatform.identity("UpToDate"));
        byte[] changed = good.tcbInfo().toBytes();
        int at = new String(changed, java.nio.charset.StandardCharsets.US_ASCII).indexOf("svn\":5");
        changed[at + 5] = '4';
        refused(
                TdxTcb.rate(
                        verified,
                        new TdxCollateral(
                                Octets.of(changed),
                                good.quotingEnclaveIdentity(),
                                good.signerChain()),
                        platform.validator(),
                        NOW),
                TdxRefusal.Code.COLLATERAL_SIGNATURE,
                "not signed by Intel");
    }

    /// Intel's own collateral of June 2023 and a quote of the same kind of platform, which was
    /// older than every level Intel named.
    @Test
    void readsIntelsOwnCollateral() throws Exception {
        Instant then = Instant.parse("2023-07-01T00:00:00Z");
        ChainValidator intel =
                new ChainValidator(
                        VendorRoots.intel(), TdxVectors.lists(), RevocationRule.REQUIRED);
        var real =
                (TdxVerifier.Result.Verified)
                        TdxVerifier.verify(TdxVectors.quote("spr-e4-v4.dat"), intel, then);
        refused(
                TdxTcb.rate(real, TdxVectors.collateral(), intel, then),
                TdxRefusal.Code.TCB,
                "below every level");
        refused(
                TdxTcb.rate(
                        real,
                        TdxVectors.collateral(),
                        intel,
                        Instant.parse("2024-07-20T00:00:00Z")),
                TdxRefusal.Code.CHAIN,
                "is stale");
    }

    @Test
    void refusesEveryChangedBitOfIntelsCollateral() throws Exception {
        Instant then = Instant.parse("2023-07-01T00:00:00Z");
        var real =
                (TdxVerifier.Result.Verified)
                        TdxVerifier.verify(
                                TdxVectors.quote("spr-e4-v4.dat"), TdxVectors.INTEL, then);
        TdxCollateral good = TdxVectors.collateral();
        byte[] answer = good.quotingEnclaveIdentity().toBytes();
        int step = Boolean.getBoolean("sparegrid.full") ? 1 : 29;
        for (int bit = 0; bit < 8 * answer.length; bit += step) {
            byte[] changed = answer.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            var result =
                    TdxTcb.rate(
                            real,
                            new TdxCollateral(
                                    good.tcbInfo(), Octets.of(changed), good.signerChain()),
                            TdxVectors.INTEL,
                            then);
            assertThat(result)
                    .as("bit %d", bit)
                    .isInstanceOfSatisfying(
                            TdxTcb.Result.Refused.class,
                            refused ->
                                    assertThat(refused.refusal().code())
                                            .isNotEqualTo(TdxRefusal.Code.TCB));
        }
    }

    @Test
    void wantsTheSignerOfCollateral() throws Exception {
        TdxCollateral good =
                platform.collateral(
                        TestPlatform.tcbInfo("UpToDate", "5:UpToDate"),
                        TestPlatform.identity("UpToDate"));
        refused(
                TdxTcb.rate(
                        verified,
                        new TdxCollateral(good.tcbInfo(), good.quotingEnclaveIdentity(), List.of()),
                        platform.validator(),
                        NOW),
                TdxRefusal.Code.CHAIN,
                "no certificate of its signer");
        refused(
                TdxTcb.rate(
                        verified,
                        new TdxCollateral(
                                good.tcbInfo(),
                                good.quotingEnclaveIdentity(),
                                good.signerChain().reversed()),
                        platform.validator(),
                        NOW),
                TdxRefusal.Code.CHAIN,
                "not Intel SGX TCB Signing");
    }
}
