// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.json.JsonReader;

class VerificationReportTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final Finding GOOD = Finding.pass("snp.report", "the report is signed");
    private static final Finding BAD =
            Finding.fail("tee.debug", "TEE_DEBUG", "the host may debug the guest");

    private static VerificationReport report(List<Finding> checks, List<Finding> rules) {
        return new VerificationReport(
                Level.CONFIDENTIAL,
                AT,
                List.of(new Claim("chip", "3ac3"), new Claim("guest measurement", "b07a")),
                List.of(
                        new UsedRoot("ARK-Milan", "69d0", true),
                        new UsedRoot("My own", "1234", false)),
                checks,
                rules);
    }

    @Test
    void isDecidedByOneFindingThatFails() {
        assertThat(report(List.of(GOOD), List.of(GOOD)).verdict())
                .isEqualTo(VerificationReport.Verdict.TRUSTED);
        assertThat(report(List.of(GOOD), List.of(GOOD, BAD)).verdict())
                .isEqualTo(VerificationReport.Verdict.POLICY_NOT_MET);
        assertThat(report(List.of(BAD, GOOD), List.of(GOOD)).verdict())
                .isEqualTo(VerificationReport.Verdict.EVIDENCE_REFUSED);
    }

    @Test
    void isReadByAPerson() {
        assertThat(report(List.of(GOOD), List.of(BAD)).text(false))
                .isEqualTo(
                        """
                        Claimed
                          chip               3ac3
                          guest measurement  b07a

                        Roots
                          ARK-Milan
                            sha256 69d0
                          My own (not a maker's)
                            sha256 1234

                        Checked
                          pass  snp.report  the report is signed

                        Policy, level confidential
                          FAIL  tee.debug  the host may debug the guest [TEE_DEBUG]

                        NOT TRUSTED: the evidence is genuine, the policy is not met
                          Certificates and lists were held against 2026-01-01T00:00:00Z.
                        """);
    }

    @Test
    void isGreenAndRedOnATerminal() {
        String text = report(List.of(GOOD), List.of(BAD)).text(true);
        assertThat(text)
                .contains("\u001b[32mpass\u001b[0m")
                .contains("\u001b[31mFAIL\u001b[0m")
                .contains("\u001b[31mNOT TRUSTED");
        assertThat(text.replaceAll("\u001b\\[[0-9]+m", ""))
                .isEqualTo(report(List.of(GOOD), List.of(BAD)).text(false));
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatALevelProvesAndWhatNot(Level level) {
        String text =
                new VerificationReport(level, AT, List.of(), List.of(), List.of(), List.of())
                        .text(false);
        assertThat(text)
                .contains("TRUSTED as " + level.id())
                .contains("This proves " + level.proves() + ".")
                .contains("It does not prove " + level.doesNotProve() + ".");
        assertThat(Level.named(level.id())).contains(level);
    }

    @Test
    void letsNothingFromEvidenceMoveTheCursor() {
        VerificationReport report =
                new VerificationReport(
                        Level.OPEN,
                        AT,
                        List.of(new Claim("tpm", "\u001b[2J\nTRUSTED")),
                        List.of(new UsedRoot("\u001b[31m", "00", true)),
                        List.of(),
                        List.of());
        assertThat(report.text(false)).contains("?[2J?TRUSTED").doesNotContain("\u001b");
    }

    @Test
    void isReadByPrograms() throws Exception {
        String json = report(List.of(GOOD), List.of(BAD)).json();
        JsonMembers members =
                JsonMembers.of("r", JsonReader.object("r", json.getBytes(UTF_8), 100_000));
        assertThat(members.text("schema")).isEqualTo("sparegrid.attestation-report/1");
        assertThat(members.text("verdict")).isEqualTo("POLICY_NOT_MET");
        assertThat(members.text("level")).isEqualTo("confidential");
        assertThat(members.text("at")).isEqualTo(AT.toString());
        assertThat(members.list("claims", 9)).hasSize(2);
        assertThat(members.list("roots", 9).getLast().flag("vendor")).isFalse();
        assertThat(members.list("checks", 9).getFirst().text("outcome")).isEqualTo("PASS");
        assertThat(members.list("rules", 9).getFirst().text("code")).isEqualTo("TEE_DEBUG");
        assertThat(members.text("proves")).isEqualTo(Level.CONFIDENTIAL.proves());
        assertThat(members.text("doesNotProve")).isEqualTo(Level.CONFIDENTIAL.doesNotProve());
        members.end();
        assertThat(report(List.of(GOOD), List.of(BAD)).json()).isEqualTo(json);
    }
}
