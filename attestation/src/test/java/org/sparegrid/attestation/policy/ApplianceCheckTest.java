// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

class ApplianceCheckTest {
    private static final ApplianceBoot OLD = boot(1);
    private static final ApplianceBoot NEW = boot(2);

    private static Octets value(int value) {
        return Octets.repeated(value, 32);
    }

    private static ApplianceBoot boot(int number) {
        return new ApplianceBoot(
                List.of(value(0x40 + number), value(0x50)), value(0x90 + number), value(number));
    }

    private static Policy policy(boolean secureBoot, ApplianceReference... references)
            throws EvidenceFormatException {
        String text = AppliancePolicy.text(List.of(references), secureBoot);
        return PolicyReader.read(text.getBytes(UTF_8));
    }

    private static ApplianceReference reference(String version, ApplianceBoot boot) {
        return new ApplianceReference(version, value(0xaa), boot);
    }

    private static Map<Integer, Octets> registers(ApplianceBoot boot) {
        Map<Integer, Octets> registers = new TreeMap<>();
        registers.put(9, boot.loaded());
        registers.put(11, boot.sections());
        registers.put(12, value(0));
        registers.put(13, value(0));
        return registers;
    }

    private static List<Finding> findings(Policy policy, Fact.Boot boot) {
        return PolicyCheck.check(policy, List.of(boot)).stream()
                .filter(each -> each.rule().startsWith("boot."))
                .toList();
    }

    private static Finding only(Fact.Boot boot) throws EvidenceFormatException {
        Policy policy = policy(false, reference("1.0", OLD), reference("1.1", NEW));
        List<Finding> all = findings(policy, boot);
        assertThat(all)
                .extracting(Finding::rule)
                .containsExactly("boot.present", "boot.appliances");
        return all.getLast();
    }

    @Test
    void acceptsEachNamedAppliance() throws EvidenceFormatException {
        for (ApplianceBoot boot : List.of(OLD, NEW)) {
            Finding finding =
                    only(new Fact.Boot(registers(boot), Fact.SecureBoot.OFF, boot.programs()));
            assertThat(finding.outcome()).isEqualTo(Finding.Outcome.PASS);
            assertThat(finding.sentence()).contains(boot.equals(OLD) ? "1.0" : "1.1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "9, 'altered: its kernel was given another command line'",
        "11, 'which is not of 1.0, 1.1'",
        "12, 'something was added from outside, PCR 12'",
        "13, 'something was added from outside, PCR 13'",
    })
    void refusesARegisterThatIsAnotherOrMissing(int register, String why)
            throws EvidenceFormatException {
        Map<Integer, Octets> registers = registers(NEW);
        registers.put(register, value(0x77));
        Finding other = only(new Fact.Boot(registers, Fact.SecureBoot.OFF, NEW.programs()));
        assertThat(other.code()).isEqualTo("PCR_POLICY");
        assertThat(other.sentence()).contains(why);
        registers.remove(register);
        Finding missing = only(new Fact.Boot(registers, Fact.SecureBoot.OFF, NEW.programs()));
        assertThat(missing.code()).isEqualTo("PCR_POLICY");
    }

    @Test
    void refusesPartsOfTwoVersions() throws EvidenceFormatException {
        Map<Integer, Octets> registers = registers(NEW);
        registers.put(9, OLD.loaded());
        assertThat(only(new Fact.Boot(registers, Fact.SecureBoot.OFF, NEW.programs())).code())
                .isEqualTo("PCR_POLICY");
    }

    @Test
    void refusesOtherProgramsMoreFewerOrInAnotherOrder() throws EvidenceFormatException {
        List<Octets> right = NEW.programs();
        for (List<Octets> programs :
                List.of(
                        List.<Octets>of(),
                        List.of(right.getFirst()),
                        List.of(right.getLast(), right.getFirst()),
                        List.of(value(0x66), right.getFirst(), right.getLast()),
                        List.of(right.getFirst(), right.getLast(), value(0x66)),
                        OLD.programs())) {
            Finding finding = only(new Fact.Boot(registers(NEW), Fact.SecureBoot.OFF, programs));
            assertThat(finding.code()).as(programs.toString()).isEqualTo("EVENTLOG_UNKNOWN");
        }
    }

    @Test
    void secureBootIsRequiredUnlessThePolicySaysOtherwise() throws EvidenceFormatException {
        Fact.Boot boot = new Fact.Boot(registers(OLD), Fact.SecureBoot.OFF, OLD.programs());
        assertThat(findings(policy(true, reference("1.0", OLD)), boot))
                .extracting(Finding::code)
                .containsExactly(Finding.OK, "SECURE_BOOT", Finding.OK);
    }

    @Test
    void aReferenceIsReadAsItWasWritten() throws EvidenceFormatException {
        ApplianceReference reference = reference("0.1.0-abc_d+e", OLD);
        assertThat(ApplianceReference.read(reference.write().getBytes(UTF_8))).isEqualTo(reference);
        assertThat(policy(true, reference).boot().appliances())
                .isEqualTo(Map.of("0.1.0-abc_d+e", OLD));
        assertThatThrownBy(() -> policy(true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> policy(true, reference, reference))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
    }

    @ParameterizedTest
    @CsvSource({
        "reference/1, reference/2, 'reference.schema: expected'",
        "0.1.0, 0 1 0, 'reference.version: expected 1 to 64 letters'",
        "rootHash, roothash, \"did you mean 'rootHash'\"",
        "aaaaaa, aaaa, 'reference.rootHash: expected 32 bytes in hexadecimal'",
        "sha256:4141, sha1:4141, \"reference.programs: expected 'sha256:' before each\"",
        "'\"9\"', '\"8\"', reference.pcr",
        "'\"9\"', '\"7\": 1, \"9\"', \"reference.pcr: unknown member '7'\"",
    })
    void refusesAReferenceAndSaysWhy(String from, String to, String why) {
        String text = reference("0.1.0", OLD).write();
        String altered = text.replaceFirst(java.util.regex.Pattern.quote(from), to);
        assertThat(altered).isNotEqualTo(text);
        assertThatThrownBy(() -> ApplianceReference.read(altered.getBytes(UTF_8)))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why.replace("\"", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "'{}', 'expected 1 to 1000 versions, got 0'",
        "'{\"a b\": {}}', 'expected names of versions'",
        "'{\"1\": {}}', \"policy.boot.appliances.1: expected a member 'programs'\"",
        "'{\"1\": {\"programs\": []}}', 'expected a list of 1 to 8'",
    })
    void refusesAPolicyAndSaysWhy(String appliances, String why) {
        String text =
                "{\"version\":1,\"level\":\"measured\",\"boot\":{\"appliances\":"
                        + appliances
                        + "}}";
        assertThatThrownBy(() -> PolicyReader.read(text.getBytes(UTF_8)))
                .isInstanceOf(EvidenceFormatException.class)
                .hasMessageContaining(why.replace("\"", ""));
    }
}
