// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.sparegrid.attestation.certificate.ChainResult.Revocation;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.sev.SnpTcb;
import org.sparegrid.attestation.tdx.TcbStatus;
import org.sparegrid.attestation.wire.Octets;

/// Weighs facts against a policy.
///
/// Each rule gives one finding that names it. A fact that is missing, like a check that could not
/// be made, fails: nothing is passed over.
public final class PolicyCheck {
    private final List<Finding> findings = new ArrayList<>();

    private PolicyCheck() {}

    /// The finding of each rule of `policy`, in a fixed order.
    public static List<Finding> check(Policy policy, List<Fact> facts) {
        PolicyCheck check = new PolicyCheck();
        switch (policy.level()) {
            case OPEN -> {}
            case IDENTIFIED -> check.tpm(policy.tpm(), only(facts, Fact.Tpm.class));
            case MEASURED -> {
                check.tpm(policy.tpm(), only(facts, Fact.Tpm.class));
                check.boot(policy.boot(), only(facts, Fact.Boot.class));
                check.machine(policy.machine(), only(facts, Fact.Machine.class));
            }
            case CONFIDENTIAL -> check.tee(policy.tee(), only(facts, Fact.Tee.class));
        }
        return List.copyOf(check.findings);
    }

    /// The one fact of a kind; two of a kind contradict each other and count as none.
    private static <T extends Fact> Optional<T> only(List<Fact> facts, Class<T> kind) {
        List<T> all = facts.stream().filter(kind::isInstance).map(kind::cast).toList();
        return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
    }

    private void tpm(Policy.TpmRules rules, Optional<Fact.Tpm> fact) {
        if (fact.isEmpty()) {
            fail("tpm.present", "EK_MISSING", "no TPM was proven");
            return;
        }
        Fact.Tpm tpm = fact.get();
        pass("tpm.present", "a TPM of " + tpm.manufacturer() + " was proven");
        decide(
                "tpm.software",
                tpm.vendorRoot() || rules.softwareAllowed(),
                "EK_SOFTWARE",
                tpm.vendorRoot()
                        ? "a maker's root stands behind the TPM"
                        : "the root behind the TPM is not a maker's");
        if (!rules.manufacturers().isEmpty()) {
            decide(
                    "tpm.manufacturers",
                    rules.manufacturers().contains(tpm.manufacturer()),
                    "EK_DENIED",
                    "the maker is "
                            + tpm.manufacturer()
                            + ", accepted are "
                            + words(rules.manufacturers()));
        }
        decide(
                "tpm.denyKeys",
                !rules.deniedKeys().contains(tpm.keyDigest()),
                "EK_DENIED",
                "the endorsement key is sha256:" + tpm.keyDigest());
        revocation("tpm.revocation", rules.revocation(), tpm.revocation());
        keyProof(rules, tpm.keyProof());
    }

    private void keyProof(Policy.TpmRules rules, Fact.KeyProof proof) {
        switch (proof) {
            case VERIFIER ->
                    pass("tpm.keyProof", "the verifier's own challenge was answered by the TPM");
            case VOUCHED -> {
                String sentence = "the coordinator says that the quoting key is the TPM's";
                if (rules.vouchedAllowed()) {
                    findings.add(Finding.vouched("tpm.keyProof", sentence));
                } else {
                    fail("tpm.keyProof", "AK_NOT_BOUND", sentence + ", the policy wants proof");
                }
            }
            case NONE ->
                    fail(
                            "tpm.keyProof",
                            "AK_NOT_BOUND",
                            "nothing shows that the quoting key is the TPM's");
        }
    }

    private void boot(Policy.BootRules rules, Optional<Fact.Boot> fact) {
        if (fact.isEmpty()) {
            fail("boot.present", "QUOTE_MISSING", "no quote of the boot was proven");
            return;
        }
        Fact.Boot boot = fact.get();
        pass("boot.present", "a quote over " + boot.registers().size() + " PCRs was proven");
        if (rules.secureBootRequired()) {
            decide(
                    "boot.secureBoot",
                    boot.secureBoot() == Fact.SecureBoot.ON,
                    "SECURE_BOOT",
                    switch (boot.secureBoot()) {
                        case ON -> "Secure Boot was on";
                        case OFF -> "Secure Boot was off";
                        case UNKNOWN -> "no event log tells whether Secure Boot was on";
                    });
        }
        if (rules.registers().isEmpty() && rules.appliances().isEmpty()) {
            fail(
                    "boot.pcr",
                    "REFERENCE_MISSING",
                    "the policy names no appliance and no values of PCRs, so no boot is accepted");
        }
        if (!rules.appliances().isEmpty()) {
            findings.add(ApplianceCheck.check(rules.appliances(), boot));
        }
        for (Map.Entry<Integer, Set<Octets>> rule : rules.registers().entrySet()) {
            Octets value = boot.registers().get(rule.getKey());
            decide(
                    "boot.pcr." + rule.getKey(),
                    value != null && rule.getValue().contains(value),
                    "PCR_POLICY",
                    value == null
                            ? "PCR " + rule.getKey() + " was not quoted"
                            : "PCR " + rule.getKey() + " is " + value);
        }
    }

    private void machine(Policy.MachineRules rules, Optional<Fact.Machine> fact) {
        if (fact.isEmpty()) {
            fail("machine.present", "MACHINE_MISSING", "no record of the machine was proven");
            return;
        }
        Fact.Machine machine = fact.get();
        pass("machine.present", "the appliance recorded the machine");
        if (!rules.images().isEmpty()) {
            decide(
                    "machine.images",
                    rules.images().contains(machine.imageDigest()),
                    "IMAGE_MISMATCH",
                    "the image is sha256:" + machine.imageDigest());
        }
        decide(
                "machine.perHost",
                machine.machinesOnHost() <= rules.perHostMax(),
                "HOST_SHARED",
                machine.machinesOnHost()
                        + " machines ran on the computer, accepted are up to "
                        + rules.perHostMax());
    }

    private void tee(Policy.TeeRules rules, Optional<Fact.Tee> fact) {
        if (fact.isEmpty()) {
            fail("tee.present", "TEE_MISSING", "no report of a processor was proven");
            return;
        }
        Fact.Tee tee = fact.get();
        pass("tee.present", "a report of " + tee.kind().id() + " was proven");
        decide(
                "tee.anyOf",
                rules.kinds().contains(tee.kind()),
                "TEE_PRODUCT_DENIED",
                "the kind is " + tee.kind().id());
        if (tee.kind() == TeeKind.SEV_SNP) {
            decide(
                    "tee.products",
                    rules.products().contains(tee.product()),
                    "TEE_PRODUCT_DENIED",
                    "the processor is of "
                            + tee.product()
                            + ", accepted are "
                            + words(rules.products()));
        }
        firmware(rules, tee.firmware());
        decide(
                "tee.debug",
                !tee.debug() || rules.debugAllowed(),
                "TEE_DEBUG",
                tee.debug()
                        ? "the host may debug the guest and so read its memory"
                        : "the host may not debug the guest");
        decide(
                "tee.migration",
                !tee.migration() || rules.migrationAllowed(),
                "TEE_MIGRATION",
                tee.migration()
                        ? "the guest may be moved by a migration agent"
                        : "the guest stays on its processor");
        aliases(rules, tee.aliasCheck());
        revocation("tee.revocation", rules.revocation(), tee.revocation());
        measurement(rules, tee.measurement());
        binding(tee.binding());
    }

    private void firmware(Policy.TeeRules rules, Fact.Firmware firmware) {
        switch (firmware) {
            case Fact.Firmware.Snp(SnpTcb tcb) ->
                    decide(
                            "tee.minTcb",
                            tcb.atLeast(rules.minimumTcb()),
                            "TEE_TCB",
                            "the firmware is " + tcb + ", accepted from " + rules.minimumTcb());
            case Fact.Firmware.Tdx(TcbStatus status) ->
                    decide(
                            "tee.tcbStatus",
                            rules.statuses().contains(status),
                            "TEE_TCB",
                            "Intel rates the firmware " + status.id());
            case Fact.Firmware.Unrated(String reason) -> fail("tee.tcbStatus", "TEE_TCB", reason);
        }
    }

    private void aliases(Policy.TeeRules rules, Fact.AliasCheck check) {
        if (!rules.aliasCheckRequired() || check == Fact.AliasCheck.NOT_REPORTED) {
            return;
        }
        decide(
                "tee.aliasCheck",
                check == Fact.AliasCheck.DONE,
                "TEE_ALIASES",
                check == Fact.AliasCheck.DONE
                        ? "memory was searched for aliases"
                        : "memory was not searched for aliases, which BadRAM makes");
    }

    private void measurement(Policy.TeeRules rules, Octets measurement) {
        if (rules.measurements().isEmpty()) {
            fail(
                    "tee.measurements",
                    "REFERENCE_MISSING",
                    "the policy names no measurement, so no guest is accepted; this one has "
                            + measurement);
            return;
        }
        decide(
                "tee.measurements",
                rules.measurements().contains(measurement),
                "TEE_MEASUREMENT",
                "the guest was launched with measurement " + measurement);
    }

    private void binding(Fact.Binding binding) {
        decide(
                "tee.binding",
                binding == Fact.Binding.BOUND,
                "QUOTE_BINDING",
                switch (binding) {
                    case BOUND -> "the report names the lease, key and nonce that were expected";
                    case OTHER -> "the report names another lease, key or nonce than expected";
                    case NOT_CHECKED -> "what the report has to name was not given";
                });
    }

    private void revocation(String rule, RevocationRule wanted, Revocation known) {
        boolean enough =
                switch (wanted) {
                    case REQUIRED -> known == Revocation.CHECKED;
                    case IF_PUBLISHED -> known != Revocation.NOT_CHECKED;
                    case IF_PRESENT -> true;
                };
        decide(
                rule,
                enough,
                "REVOCATION_UNKNOWN",
                switch (known) {
                    case CHECKED -> "no certificate of the chain was taken back";
                    case NOT_PUBLISHED -> "the maker publishes no list of what he took back";
                    case NOT_CHECKED -> "the maker's list of what he took back is not at hand";
                });
    }

    private static String words(Set<String> set) {
        return String.join(", ", new TreeSet<>(set));
    }

    private void decide(String rule, boolean holds, String code, String sentence) {
        findings.add(holds ? Finding.pass(rule, sentence) : Finding.fail(rule, code, sentence));
    }

    private void pass(String rule, String sentence) {
        findings.add(Finding.pass(rule, sentence));
    }

    private void fail(String rule, String code, String sentence) {
        findings.add(Finding.fail(rule, code, sentence));
    }
}
