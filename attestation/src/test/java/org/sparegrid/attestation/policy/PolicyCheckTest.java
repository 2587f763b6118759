// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.attestation.certificate.ChainResult.Revocation;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.sev.SnpTcb;
import org.sparegrid.attestation.tdx.TcbStatus;
import org.sparegrid.attestation.wire.Octets;

class PolicyCheckTest {
    private static final Octets IMAGE = Octets.repeated(0xdd, 32);
    private static final Octets MEASUREMENT = Octets.repeated(0xee, 48);

    private static final Fact.Tpm TPM =
            new Fact.Tpm("INTC", "aa".repeat(32), true, Revocation.CHECKED, Fact.KeyProof.VERIFIER);
    private static final Fact.Boot BOOT =
            new Fact.Boot(Map.of(11, Octets.repeated(0x11, 32)), Fact.SecureBoot.ON, List.of());
    private static final Fact.Machine MACHINE = new Fact.Machine(IMAGE, 1);
    private static final Fact.Tee SNP =
            new Fact.Tee(
                    TeeKind.SEV_SNP,
                    "genoa",
                    new Fact.Firmware.Snp(new SnpTcb(0, 9, 0, 23, 84)),
                    false,
                    false,
                    Fact.AliasCheck.DONE,
                    MEASUREMENT,
                    Fact.Binding.BOUND,
                    Revocation.CHECKED);

    private static Policy policy(String level, String sections) {
        try {
            return PolicyReader.read(
                    ("{\"version\":1,\"level\":\"" + level + "\"" + sections + "}")
                            .getBytes(UTF_8));
        } catch (org.sparegrid.attestation.wire.EvidenceFormatException wrong) {
            throw new AssertionError(wrong);
        }
    }

    private static final Policy MEASURED =
            policy(
                    "measured",
                    ",\"tpm\":{\"manufacturers\":[\"INTC\"],\"revocation\":\"required\"}"
                            + ",\"boot\":{\"pcr\":{\"11\":[\"%s\"]}}".formatted("11".repeat(32))
                            + ",\"machine\":{\"images\":[\"sha256:%s\"],\"perHost\":1}"
                                    .formatted("dd".repeat(32)));
    private static final Policy CONFIDENTIAL =
            policy(
                    "confidential",
                    ",\"tee\":{\"minTcb\":{\"snp\":23},\"revocation\":\"required\","
                            + "\"measurements\":[\"%s\"]}".formatted("ee".repeat(48)));

    /// Rule and code of each finding that fails.
    private static Map<String, String> failures(Policy policy, Fact... facts) {
        Map<String, String> failures = new HashMap<>();
        for (Finding finding : PolicyCheck.check(policy, List.of(facts))) {
            if (finding.outcome() == Finding.Outcome.FAIL) {
                failures.put(finding.rule(), finding.code());
            }
        }
        return failures;
    }

    @Test
    void asksNothingOfOpen() {
        assertThat(PolicyCheck.check(Presets.of(Level.OPEN), List.of())).isEmpty();
    }

    @Test
    void passesWhatIsAsked() {
        assertThat(failures(Presets.of(Level.IDENTIFIED), TPM)).isEmpty();
        assertThat(failures(MEASURED, TPM, BOOT, MACHINE)).isEmpty();
        assertThat(failures(CONFIDENTIAL, SNP)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OPEN")
    void refusesWhereNothingWasProven(Level level) {
        assertThat(failures(Presets.of(level))).isNotEmpty();
    }

    @Test
    void acceptsNoBootAndNoGuestWithoutReferences() {
        assertThat(failures(Presets.of(Level.MEASURED), TPM, BOOT, MACHINE))
                .containsExactly(Map.entry("boot.pcr", "REFERENCE_MISSING"));
        assertThat(failures(Presets.of(Level.CONFIDENTIAL), SNP))
                .containsExactly(Map.entry("tee.measurements", "REFERENCE_MISSING"));
    }

    @Test
    void countsTwoFactsOfAKindAsNone() {
        assertThat(failures(Presets.of(Level.IDENTIFIED), TPM, TPM))
                .containsExactly(Map.entry("tpm.present", "EK_MISSING"));
    }

    @Test
    void namesTheRuleAndTheCodeOfEachFaultOfATpm() {
        record Case(Fact.Tpm tpm, String rule, String code) {}
        String key = "bb".repeat(32);
        for (Case each :
                List.of(
                        new Case(
                                new Fact.Tpm(
                                        "INTC",
                                        key,
                                        false,
                                        Revocation.CHECKED,
                                        Fact.KeyProof.VERIFIER),
                                "tpm.software",
                                "EK_SOFTWARE"),
                        new Case(
                                new Fact.Tpm(
                                        "IFX",
                                        key,
                                        true,
                                        Revocation.CHECKED,
                                        Fact.KeyProof.VERIFIER),
                                "tpm.manufacturers",
                                "EK_DENIED"),
                        new Case(
                                new Fact.Tpm(
                                        "INTC",
                                        key,
                                        true,
                                        Revocation.NOT_CHECKED,
                                        Fact.KeyProof.VERIFIER),
                                "tpm.revocation",
                                "REVOCATION_UNKNOWN"),
                        new Case(
                                new Fact.Tpm(
                                        "INTC",
                                        key,
                                        true,
                                        Revocation.NOT_PUBLISHED,
                                        Fact.KeyProof.VERIFIER),
                                "tpm.revocation",
                                "REVOCATION_UNKNOWN"),
                        new Case(
                                new Fact.Tpm(
                                        "INTC",
                                        key,
                                        true,
                                        Revocation.CHECKED,
                                        Fact.KeyProof.VOUCHED),
                                "tpm.keyProof",
                                "AK_NOT_BOUND"),
                        new Case(
                                new Fact.Tpm(
                                        "INTC", key, true, Revocation.CHECKED, Fact.KeyProof.NONE),
                                "tpm.keyProof",
                                "AK_NOT_BOUND"))) {
            assertThat(failures(MEASURED, each.tpm(), BOOT, MACHINE))
                    .containsExactly(Map.entry(each.rule(), each.code()));
        }
        Policy denying =
                policy(
                        "identified",
                        ",\"tpm\":{\"denyKeys\":[\"sha256:" + "aa".repeat(32) + "\"]}");
        assertThat(failures(denying, TPM)).containsExactly(Map.entry("tpm.denyKeys", "EK_DENIED"));
    }

    @Test
    void showsWhatWasOnlyVouchedFor() {
        Policy vouched = policy("identified", ",\"tpm\":{\"keyProof\":\"vouched\"}");
        Fact.Tpm tpm =
                new Fact.Tpm(
                        "INTC", "aa".repeat(32), true, Revocation.CHECKED, Fact.KeyProof.VOUCHED);
        assertThat(failures(vouched, tpm)).isEmpty();
        assertThat(PolicyCheck.check(vouched, List.of(tpm)))
                .anySatisfy(each -> {
                    assertThat(each.rule()).isEqualTo("tpm.keyProof");
                    assertThat(each.outcome()).isEqualTo(Finding.Outcome.VOUCHED);
                });
    }

    @Test
    void namesTheRuleAndTheCodeOfEachFaultOfBootAndMachine() {
        Octets other = Octets.repeated(0x13, 32);
        assertThat(
                        failures(
                                MEASURED,
                                TPM,
                                new Fact.Boot(Map.of(11, other), Fact.SecureBoot.OFF, List.of()),
                                new Fact.Machine(other, 2)))
                .isEqualTo(
                        Map.of(
                                "boot.secureBoot", "SECURE_BOOT",
                                "boot.pcr.11", "PCR_POLICY",
                                "machine.images", "IMAGE_MISMATCH",
                                "machine.perHost", "HOST_SHARED"));
        assertThat(
                        failures(
                                MEASURED,
                                TPM,
                                new Fact.Boot(Map.of(), Fact.SecureBoot.UNKNOWN, List.of()),
                                MACHINE))
                .isEqualTo(Map.of("boot.secureBoot", "SECURE_BOOT", "boot.pcr.11", "PCR_POLICY"));
        assertThat(failures(MEASURED, TPM))
                .isEqualTo(
                        Map.of(
                                "boot.present", "QUOTE_MISSING",
                                "machine.present", "MACHINE_MISSING"));
    }

    @Test
    void namesTheRuleAndTheCodeOfEachFaultOfAProcessor() {
        Fact.Tee bad =
                new Fact.Tee(
                        TeeKind.SEV_SNP,
                        "milan",
                        new Fact.Firmware.Snp(new SnpTcb(0, 9, 0, 22, 84)),
                        true,
                        true,
                        Fact.AliasCheck.NOT_DONE,
                        Octets.repeated(1, 48),
                        Fact.Binding.OTHER,
                        Revocation.NOT_CHECKED);
        assertThat(failures(CONFIDENTIAL, bad))
                .isEqualTo(
                        Map.of(
                                "tee.products", "TEE_PRODUCT_DENIED",
                                "tee.minTcb", "TEE_TCB",
                                "tee.debug", "TEE_DEBUG",
                                "tee.migration", "TEE_MIGRATION",
                                "tee.aliasCheck", "TEE_ALIASES",
                                "tee.revocation", "REVOCATION_UNKNOWN",
                                "tee.measurements", "TEE_MEASUREMENT",
                                "tee.binding", "QUOTE_BINDING"));
    }

    @Test
    void ratesIntelByItsOwnWords() {
        List<Fact.Firmware> firmwares = new ArrayList<>();
        firmwares.add(new Fact.Firmware.Tdx(TcbStatus.UP_TO_DATE));
        firmwares.add(new Fact.Firmware.Tdx(TcbStatus.OUT_OF_DATE));
        firmwares.add(new Fact.Firmware.Unrated("no collateral"));
        List<Integer> failures = new ArrayList<>();
        for (Fact.Firmware firmware : firmwares) {
            failures.add(
                    failures(
                                    CONFIDENTIAL,
                                    new Fact.Tee(
                                            TeeKind.TDX,
                                            "",
                                            firmware,
                                            false,
                                            false,
                                            Fact.AliasCheck.NOT_REPORTED,
                                            MEASUREMENT,
                                            Fact.Binding.BOUND,
                                            Revocation.CHECKED))
                            .size());
        }
        assertThat(failures).containsExactly(0, 1, 1);
    }
}
