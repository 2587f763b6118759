// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.wire.Octets;

/// Whether exactly one of the appliances that a policy names was booted.
///
/// A version is known by register 11. Everything else of it has to fit: what the kernel was given,
/// that nothing was added from outside, and that firmware started its programs and no other before
/// or after them.
final class ApplianceCheck {
    private static final String RULE = "boot.appliances";
    private static final Octets UNTOUCHED = Octets.repeated(0, 32);

    private ApplianceCheck() {}

    static Finding check(Map<String, ApplianceBoot> appliances, Fact.Boot boot) {
        Octets sections = boot.registers().get(ApplianceBoot.SECTIONS);
        if (sections == null) {
            return wrong("PCR " + ApplianceBoot.SECTIONS + " was not quoted");
        }
        List<Map.Entry<String, ApplianceBoot>> known =
                appliances.entrySet().stream()
                        .filter(each -> each.getValue().sections().equals(sections))
                        .toList();
        if (known.isEmpty()) {
            return wrong(
                    "PCR "
                            + ApplianceBoot.SECTIONS
                            + " is "
                            + sections
                            + ", which is not of "
                            + String.join(", ", appliances.keySet()));
        }
        return known.stream()
                .map(each -> check(each, boot))
                .filter(each -> each.outcome() == Finding.Outcome.PASS)
                .findFirst()
                .orElseGet(() -> check(known.getFirst(), boot));
    }

    private static Finding check(Map.Entry<String, ApplianceBoot> named, Fact.Boot boot) {
        Optional<String> changed = changed(named.getValue(), boot.registers());
        if (changed.isPresent()) {
            return wrong("appliance " + named.getKey() + " was altered: " + changed.get());
        }
        if (!boot.programs().equals(named.getValue().programs())) {
            return Finding.fail(
                    RULE,
                    "EVENTLOG_UNKNOWN",
                    "appliance "
                            + named.getKey()
                            + " is not all that firmware started: expected "
                            + words(named.getValue().programs())
                            + ", the boot log has "
                            + words(boot.programs()));
        }
        return Finding.pass(RULE, "appliance " + named.getKey() + " was booted, unaltered");
    }

    private static Optional<String> changed(
            ApplianceBoot expected, Map<Integer, Octets> registers) {
        if (!expected.loaded().equals(value(registers, ApplianceBoot.LOADED))) {
            return Optional.of(
                    "its kernel was given another command line or file system, PCR "
                            + ApplianceBoot.LOADED
                            + " is "
                            + value(registers, ApplianceBoot.LOADED));
        }
        return ApplianceBoot.ADDITIONS.stream()
                .filter(register -> !UNTOUCHED.equals(value(registers, register)))
                .map(register ->
                        "something was added from outside, PCR "
                                + register
                                + " is "
                                + value(registers, register))
                .findFirst();
    }

    /// No bytes if the register was not quoted, which equal nothing that is expected.
    private static Octets value(Map<Integer, Octets> registers, int register) {
        return registers.getOrDefault(register, Octets.EMPTY);
    }

    private static Finding wrong(String sentence) {
        return Finding.fail(RULE, "PCR_POLICY", sentence);
    }

    private static String words(List<Octets> programs) {
        return programs.isEmpty()
                ? "none"
                : programs.stream().map(Octets::toString).collect(Collectors.joining(", "));
    }
}
