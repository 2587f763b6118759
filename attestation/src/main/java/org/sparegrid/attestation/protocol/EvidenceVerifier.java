// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.security.PublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.eventlog.ReplayResult;
import org.sparegrid.attestation.eventlog.SecureBoot;
import org.sparegrid.attestation.eventlog.StartedPrograms;
import org.sparegrid.attestation.quote.QuoteExpectation;
import org.sparegrid.attestation.quote.QuoteResult;
import org.sparegrid.attestation.quote.QuoteVerifier;
import org.sparegrid.attestation.tpm.EndorsementTemplate;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Checks the evidence of a lease as far as the TPM reaches. Pure: reads no clock, file or network.
///
/// Certificates, revocation and processors' reports are the business of other packages; this one is
/// given the certified key.
public final class EvidenceVerifier {
    private EvidenceVerifier() {}

    /// Checks evidence, the cheapest checks first.
    public static EvidenceResult verify(Evidence evidence, EvidenceExpectation expected) {
        try {
            Optional<EvidenceResult> otherTerms = checkTerms(evidence.terms(), expected.terms());
            if (otherTerms.isPresent()) {
                return otherTerms.get();
            }
            PublicArea endorsement = PublicArea.parse(evidence.endorsementKey().toBytes());
            PublicArea key = PublicArea.parse(evidence.leaseKey().toBytes());
            LeaseLog leaseLog = LeaseLog.parse(evidence.leaseLog().toBytes());
            return firstOf(
                            () -> checkEndorsement(endorsement, expected.certifiedKey()),
                            () -> checkKey(key, evidence.registers(), expected.promise()),
                            () -> checkRequired(evidence.registers(), expected.promise()),
                            () -> checkLeaseLog(leaseLog, evidence, expected))
                    .orElseGet(() -> checkQuote(evidence, expected, endorsement, key, leaseLog));
        } catch (EvidenceFormatException malformed) {
            return refused(EvidenceFault.FORMAT, malformed.reason());
        }
    }

    @FunctionalInterface
    private interface Check {
        Optional<EvidenceResult> refusal() throws EvidenceFormatException;
    }

    private static Optional<EvidenceResult> firstOf(Check... checks)
            throws EvidenceFormatException {
        for (Check check : checks) {
            Optional<EvidenceResult> refusal = check.refusal();
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    private static Optional<EvidenceResult> checkTerms(LeaseTerms claimed, LeaseTerms asked) {
        if (!claimed.leaseId().equals(asked.leaseId())) {
            return refusal(
                    EvidenceFault.LEASE_MISMATCH,
                    "the evidence is of lease "
                            + claimed.leaseId()
                            + ", expected "
                            + asked.leaseId());
        }
        if (!claimed.imageDigest().equals(asked.imageDigest())) {
            return refusal(
                    EvidenceFault.IMAGE_MISMATCH,
                    "the machine boots image "
                            + claimed.imageDigest()
                            + ", expected "
                            + asked.imageDigest());
        }
        if (!claimed.machineDigest().equals(asked.machineDigest())) {
            return refusal(
                    EvidenceFault.VMCONFIG_MISMATCH,
                    "the machine's configuration is "
                            + claimed.machineDigest()
                            + ", expected "
                            + asked.machineDigest());
        }
        if (!claimed.equals(asked)) {
            return refusal(
                    EvidenceFault.TERMS_MISMATCH,
                    "the evidence is for policy "
                            + claimed.policyDigest()
                            + " and gateway "
                            + claimed.gatewayKey()
                            + ", expected others");
        }
        return Optional.empty();
    }

    private static Optional<EvidenceResult> checkEndorsement(
            PublicArea endorsement, PublicKey certified) throws EvidenceFormatException {
        byte[] key = endorsement.material().toPublicKey().getEncoded();
        if (!Arrays.equals(key, certified.getEncoded())) {
            return refusal(
                    EvidenceFault.EK_KEY_MISMATCH,
                    "the endorsement key is not the one of the certificate");
        }
        boolean made =
                Arrays.stream(EndorsementTemplate.values())
                        .anyMatch(template -> template.made(endorsement));
        return made
                ? Optional.empty()
                : refusal(
                        EvidenceFault.EK_TEMPLATE,
                        "the endorsement key has attributes "
                                + endorsement.attributes()
                                + " or a policy that no vendor certifies");
    }

    private static Optional<EvidenceResult> checkKey(
            PublicArea key, PcrValues registers, BootPromise promise) {
        if (!LeaseKey.isOfKind(key)) {
            return refusal(
                    EvidenceFault.AK_ATTRIBUTES,
                    "the lease's key has attributes "
                            + key.attributes()
                            + ", expected "
                            + LeaseKey.ATTRIBUTES
                            + " and ECDSA on P-256");
        }
        if (!registers.selection().equals(promise.quoted())) {
            return refusal(
                    EvidenceFault.PCR_SELECTION,
                    "the values are of "
                            + registers.selection()
                            + ", expected "
                            + promise.quoted());
        }
        Octets policy = LeaseKey.policy(promise.bound(registers));
        return key.authPolicy().equals(policy)
                ? Optional.empty()
                : refusal(
                        EvidenceFault.AK_POLICY,
                        "the lease's key is not bound to the quoted values of " + promise.bound());
    }

    private static Optional<EvidenceResult> checkRequired(
            PcrValues registers, BootPromise promise) {
        for (Map.Entry<Integer, Octets> required : promise.required().entrySet()) {
            Octets value = registers.value(required.getKey()).orElse(Octets.EMPTY);
            if (!required.getValue().equals(value)) {
                return refusal(
                        EvidenceFault.PCR_POLICY,
                        "register "
                                + required.getKey()
                                + " is "
                                + value
                                + ", expected "
                                + required.getValue());
            }
        }
        return Optional.empty();
    }

    private static Optional<EvidenceResult> checkLeaseLog(
            LeaseLog log, Evidence evidence, EvidenceExpectation expected) {
        Octets quoted = evidence.registers().value(LeaseLog.REGISTER).orElse(Octets.EMPTY);
        if (!log.register().equals(quoted)) {
            return refusal(
                    EvidenceFault.LEASELOG_REPLAY,
                    "the lease log leads to " + log.register() + ", register 15 is " + quoted);
        }
        Octets subject = evidence.subject().digest();
        long started = log.count(LeaseLog.Kind.MACHINE_STARTED, subject);
        long stopped = log.count(LeaseLog.Kind.MACHINE_STOPPED, subject);
        if (started == 0) {
            return refusal(
                    EvidenceFault.LEASELOG_MISSING, "the machine is not in the computer's log");
        }
        if (started > 1 || stopped > 1) {
            return refusal(
                    EvidenceFault.LEASELOG_DUPLICATE,
                    "the machine was started " + started + " times");
        }
        boolean ended = expected.moment() == Binding.Moment.END;
        if (stopped != (ended ? 1 : 0)) {
            return refusal(
                    EvidenceFault.LEASELOG_ENDED,
                    "the machine's end is in the computer's log " + stopped + " times");
        }
        return log.running() <= expected.machinesMax()
                ? Optional.empty()
                : refusal(
                        EvidenceFault.LEASELOG_CROWDED,
                        log.running()
                                + " machines run on the computer, expected at most "
                                + expected.machinesMax());
    }

    private static EvidenceResult checkQuote(
            Evidence evidence,
            EvidenceExpectation expected,
            PublicArea endorsement,
            PublicArea key,
            LeaseLog leaseLog) {
        Binding binding =
                new Binding(
                        expected.terms(),
                        expected.moment(),
                        expected.sequence(),
                        evidence.overlayKey(),
                        expected.nonce(),
                        leaseLog.digest());
        QuoteResult result =
                QuoteVerifier.verify(
                        evidence.quote(),
                        evidence.registers(),
                        new QuoteExpectation(
                                key,
                                Hierarchy.ENDORSEMENT,
                                binding.qualifyingData(),
                                expected.promise().quoted(),
                                expected.clock()));
        return switch (result) {
            case QuoteResult.Refused(var fault, String finding) ->
                    refused(EvidenceFault.of(fault), finding);
            case QuoteResult.Accepted(var attestation) -> {
                Boot boot =
                        expected.promise().measuresBoot()
                                ? checkBoot(evidence)
                                : new Boot.Explained(SecureBoot.UNKNOWN, List.of());
                yield switch (boot) {
                    case Boot.Wrong(EvidenceResult refusal) -> refusal;
                    case Boot.Explained(SecureBoot secureBoot, List<Octets> programs) ->
                            new EvidenceResult.Verified(
                                    attestation, endorsement, key, secureBoot, programs);
                };
            }
        };
    }

    private sealed interface Boot {
        record Explained(SecureBoot secureBoot, List<Octets> programs) implements Boot {}

        record Wrong(EvidenceResult refusal) implements Boot {}
    }

    private static Boot checkBoot(Evidence evidence) {
        if (evidence.bootLog().length() == 0) {
            return new Boot.Wrong(
                    refused(
                            EvidenceFault.EVENTLOG_MISSING,
                            "the computer has no boot log; its boot loader may have skipped the"
                                    + " kernel's EFI stub"));
        }
        try {
            BootLog log = BootLog.parse(evidence.bootLog().toBytes());
            PcrValues firmware = withoutLeaseLog(evidence.registers());
            return switch (log.explain(firmware)) {
                case ReplayResult.Explained() ->
                        new Boot.Explained(
                                SecureBoot.of(log, HashAlgorithm.SHA256),
                                StartedPrograms.of(log, HashAlgorithm.SHA256));
                case ReplayResult.NoBank(var bank) ->
                        new Boot.Wrong(
                                refused(
                                        EvidenceFault.EVENTLOG_REPLAY,
                                        "the boot log has no digests of " + bank));
                case ReplayResult.Differs(int register, Octets quoted, Octets replayed) ->
                        new Boot.Wrong(
                                refused(
                                        EvidenceFault.EVENTLOG_REPLAY,
                                        "the boot log leads to "
                                                + replayed
                                                + " in register "
                                                + register
                                                + ", quoted is "
                                                + quoted));
            };
        } catch (EvidenceFormatException malformed) {
            return new Boot.Wrong(refused(EvidenceFault.FORMAT, malformed.reason()));
        }
    }

    private static PcrValues withoutLeaseLog(PcrValues registers) {
        var values = new java.util.TreeMap<>(registers.values());
        values.remove(LeaseLog.REGISTER);
        return new PcrValues(registers.bank(), values);
    }

    private static Optional<EvidenceResult> refusal(EvidenceFault fault, String finding) {
        return Optional.of(refused(fault, finding));
    }

    private static EvidenceResult refused(EvidenceFault fault, String finding) {
        return new EvidenceResult.Refused(fault, finding);
    }
}
