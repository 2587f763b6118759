// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.sev.SnpTcb;
import org.sparegrid.attestation.tdx.TcbStatus;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class PolicyReaderTest {
    private static final String MEASURED =
            """
            {"version": 1, "level": "measured",
             "tpm": {"manufacturers": ["INTC", "IFX"], "software": "allow",
                     "denyKeys": ["sha256:%s"], "revocation": "required", "keyProof": "vouched"},
             "boot": {"secureBoot": "any", "pcr": {"4": ["%s"], "11": ["%s", "%s"]}},
             "machine": {"images": ["sha256:%s"], "perHost": 1}}
            """
                    .formatted(
                            "aa".repeat(32),
                            "44".repeat(32),
                            "11".repeat(32),
                            "12".repeat(32),
                            "dd".repeat(32));
    private static final String CONFIDENTIAL =
            """
            {"version": 1, "level": "confidential",
             "tee": {"anyOf": ["sev-snp"], "products": ["milan"],
                     "minTcb": {"snp": 23, "microcode": 84}, "tcbStatus": ["OutOfDate"],
                     "debug": "allow", "migration": "allow", "aliasCheck": "any",
                     "revocation": "if-published", "measurements": ["%s"]}}
            """
                    .formatted("ee".repeat(48));

    private static Policy read(String text) throws EvidenceFormatException {
        return PolicyReader.read(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @EnumSource
    void isThePresetOfItsLevelUnlessItSaysMore(Level level) throws Exception {
        assertThat(read("{\"version\":1,\"level\":\"" + level.id() + "\"}"))
                .isEqualTo(Presets.of(level));
    }

    @Test
    void readsEveryRuleOfMeasured() throws Exception {
        Policy policy = read(MEASURED);
        assertThat(policy.tpm())
                .isEqualTo(
                        new Policy.TpmRules(
                                Set.of("INTC", "IFX"),
                                true,
                                Set.of("aa".repeat(32)),
                                RevocationRule.REQUIRED,
                                true));
        assertThat(policy.boot())
                .isEqualTo(
                        new Policy.BootRules(
                                false,
                                Map.of(),
                                Map.of(
                                        4,
                                        Set.of(Octets.repeated(0x44, 32)),
                                        11,
                                        Set.of(
                                                Octets.repeated(0x11, 32),
                                                Octets.repeated(0x12, 32)))));
        assertThat(policy.machine())
                .isEqualTo(new Policy.MachineRules(Set.of(Octets.repeated(0xdd, 32)), 1));
    }

    @Test
    void readsEveryRuleOfConfidential() throws Exception {
        assertThat(read(CONFIDENTIAL).tee())
                .isEqualTo(
                        new Policy.TeeRules(
                                Set.of(TeeKind.SEV_SNP),
                                Set.of("milan"),
                                new SnpTcb(0, 0, 0, 23, 84),
                                Set.of(TcbStatus.OUT_OF_DATE),
                                true,
                                true,
                                false,
                                RevocationRule.IF_PUBLISHED,
                                Set.of(Octets.repeated(0xee, 48))));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{}                                     | policy: expected a member 'version'",
                "{\"version\":2,\"level\":\"open\"}     | policy.version: expected a number from 1 to 1",
                "{\"version\":1}                        | policy: expected a member 'level'",
                "{\"version\":1,\"level\":\"mesured\"}  | did you mean 'measured'",
                "{\"version\":1,\"lvl\":\"open\"}       | unknown member 'lvl'; did you mean 'level'",
                "{\"version\":1,\"level\":\"open\",\"tpms\":{}} | unknown member 'tpms'; did you mean 'tpm'",
                "{\"version\":1,\"level\":\"open\",\"tpm\":{}} | policy.tpm: level open checks no tpm",
                "{\"version\":1,\"level\":\"measured\",\"tee\":{}} | level measured checks no tee",
                "{\"version\":1,\"level\":\"confidential\",\"boot\":{}} | confidential checks no boot",
            })
    void refusesAndSaysWhy(String text, String why) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "tpm     | {\"manufacturer\":[\"INTC\"]}  | did you mean 'manufacturers'",
                "tpm     | {\"manufacturers\":[]}         | expected a list of 1 to 1000, got 0",
                "tpm     | {\"manufacturers\":[\"In tel\"]} | expected letters of a maker",
                "tpm     | {\"software\":\"yes\"}         | expected one of deny, allow, got 'yes'",
                "tpm     | {\"software\":true}            | expected a text, got true or false",
                "tpm     | {\"denyKeys\":[\"aa\"]}        | expected 'sha256:' before each",
                "tpm     | {\"denyKeys\":[\"sha256:aa\"]} | expected 32 bytes in hexadecimal",
                "tpm     | {\"revocation\":\"if-publish\"} | did you mean 'if-published'",
                "boot    | {\"secureBoot\":\"on\"}        | expected one of required, any",
                "boot    | {\"pcr\":{\"24\":[\"aa\"]}}    | expected PCR 0 to 23",
                "boot    | {\"pcr\":{\"4\":[]}}           | expected a list of 1 to 1000, got 0",
                "boot    | {\"pcr\":{\"4\":[\"aa\"]}}     | expected 32 bytes in hexadecimal",
                "machine | {\"perHost\":0}                | expected a number from 1 to 1000",
                "machine | {\"image\":[]}                 | did you mean 'images'",
            })
    void refusesRulesOfMeasured(String section, String rules, String why) {
        assertThatThrownBy(() ->
                        read(
                                "{\"version\":1,\"level\":\"measured\",\""
                                        + section
                                        + "\":"
                                        + rules
                                        + "}"))
                .hasMessageStartingWith("policy." + section)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{\"anyOf\":[\"snp\"]}                    | expected one of sev-snp, tdx",
                "{\"products\":[\"Genoa\"]}               | did you mean 'genoa'",
                "{\"minTcb\":{\"snp\":256}}               | expected a number from 0 to 255",
                "{\"minTcb\":{\"ucode\":1}}               | unknown member 'ucode'",
                "{\"tcbStatus\":[\"Uptodate\"]}           | did you mean 'UpToDate'",
                "{\"debug\":false}                        | expected a text, got true or false",
                "{\"measurement\":[]}                     | did you mean 'measurements'",
                "{\"measurements\":[\"aa\"]}              | expected 48 bytes in hexadecimal",
            })
    void refusesRulesOfConfidential(String rules, String why) {
        assertThatThrownBy(() ->
                        read("{\"version\":1,\"level\":\"confidential\",\"tee\":" + rules + "}"))
                .hasMessageStartingWith("policy.tee")
                .hasMessageContaining(why);
    }

    /// Each member of the schema, misspelt by one letter, must not pass as "not asked for".
    @Test
    void refusesEachMemberThatIsMisspelt() {
        for (String text : new String[] {MEASURED, CONFIDENTIAL}) {
            var names = java.util.regex.Pattern.compile("\"([a-zA-Z]+)\":").matcher(text);
            while (names.find()) {
                String misspelt =
                        text.substring(0, names.end(1)) + "x" + text.substring(names.end(1));
                assertThatThrownBy(() -> read(misspelt))
                        .as(names.group(1))
                        .isInstanceOf(EvidenceFormatException.class);
            }
        }
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() {
        byte[] good = MEASURED.getBytes(UTF_8);
        Property.holds(
                10_000,
                random -> {
                    byte[] any = Arrays.copyOf(good, good.length - random.nextInt(3));
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        any[random.nextInt(any.length)] = (byte) random.nextInt(256);
                    }
                    try {
                        PolicyReader.read(any);
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected).hasMessageStartingWith("policy");
                    }
                });
    }
}
