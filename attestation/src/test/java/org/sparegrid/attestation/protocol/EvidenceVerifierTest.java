// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.sparegrid.attestation.eventlog.SecureBoot;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.quote.SoftwareKey;
import org.sparegrid.attestation.tpm.ClockInfo;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

class EvidenceVerifierTest {
    private static final EvidenceExpectation EXPECTED = Actors.expected(new ClockRule.First());

    private static void refused(Evidence evidence, EvidenceFault fault, String finding) {
        refused(evidence, EXPECTED, fault, finding);
    }

    private static void refused(
            Evidence evidence, EvidenceExpectation expected, EvidenceFault fault, String finding) {
        assertThat(EvidenceVerifier.verify(evidence, expected))
                .isInstanceOfSatisfying(
                        EvidenceResult.Refused.class,
                        refused -> {
                            assertThat(refused.fault()).as(refused.finding()).isEqualTo(fault);
                            assertThat(refused.finding()).contains(finding);
                        });
    }

    /// Evidence with one part replaced by hand.
    private static Evidence with(
            Evidence e, Octets endorsement, Octets key, SignedQuote quote, PcrValues registers) {
        return new Evidence(
                e.terms(),
                e.overlayKey(),
                e.salt(),
                e.endorsementCertificates(),
                endorsement,
                key,
                quote,
                registers,
                e.bootLog(),
                e.leaseLog(),
                e.attachments());
    }

    private static Evidence withLogs(Evidence e, Octets bootLog, Octets leaseLog) {
        return new Evidence(
                e.terms(),
                e.overlayKey(),
                e.salt(),
                e.endorsementCertificates(),
                e.endorsementKey(),
                e.leaseKey(),
                e.quote(),
                e.registers(),
                bootLog,
                leaseLog,
                e.attachments());
    }

    @Test
    void believesWhatIsAsPromised() throws GeneralSecurityException {
        Evidence evidence = Actors.evidence();
        assertThat(EvidenceVerifier.verify(evidence, EXPECTED))
                .isInstanceOfSatisfying(
                        EvidenceResult.Verified.class,
                        verified -> {
                            assertThat(verified.attestation().clock()).isEqualTo(Actors.CLOCK);
                            assertThat(verified.endorsementKey()).isEqualTo(Actors.ENDORSEMENT);
                            assertThat(verified.secureBoot()).isEqualTo(SecureBoot.DISABLED);
                        });
    }

    @Test
    void refusesEvidenceOfAnotherLeaseImageMachineOrPolicy() throws GeneralSecurityException {
        Octets other = Octets.repeated(0x77, 32);
        LeaseTerms t = Actors.TERMS;
        record Case(LeaseTerms terms, EvidenceFault fault, String finding) {}
        List<Case> cases =
                List.of(
                        new Case(
                                new LeaseTerms(
                                        Octets.repeated(9, 16),
                                        t.imageDigest(),
                                        t.machineDigest(),
                                        t.policyDigest(),
                                        t.gatewayKey()),
                                EvidenceFault.LEASE_MISMATCH,
                                "of lease 0101"),
                        new Case(
                                new LeaseTerms(
                                        t.leaseId(),
                                        other,
                                        t.machineDigest(),
                                        t.policyDigest(),
                                        t.gatewayKey()),
                                EvidenceFault.IMAGE_MISMATCH,
                                "boots image 0202"),
                        new Case(
                                new LeaseTerms(
                                        t.leaseId(),
                                        t.imageDigest(),
                                        other,
                                        t.policyDigest(),
                                        t.gatewayKey()),
                                EvidenceFault.VMCONFIG_MISMATCH,
                                "configuration is 0303"),
                        new Case(
                                new LeaseTerms(
                                        t.leaseId(),
                                        t.imageDigest(),
                                        t.machineDigest(),
                                        other,
                                        t.gatewayKey()),
                                EvidenceFault.TERMS_MISMATCH,
                                "for policy 0404"),
                        new Case(
                                new LeaseTerms(
                                        t.leaseId(),
                                        t.imageDigest(),
                                        t.machineDigest(),
                                        t.policyDigest(),
                                        other),
                                EvidenceFault.TERMS_MISMATCH,
                                "gateway 0505"));
        Evidence evidence = Actors.evidence();
        for (Case one : cases) {
            refused(
                    evidence,
                    Actors.expected(
                            one.terms(),
                            Binding.Moment.START,
                            0,
                            Actors.NONCE,
                            new ClockRule.First()),
                    one.fault(),
                    one.finding());
        }
    }

    /// An agent that says what is wanted while its TPM signed something else.
    @Test
    void refusesAQuoteThatWasMadeForSomethingElse() throws GeneralSecurityException {
        LeaseLog log = Actors.started();
        Octets other = Octets.repeated(0x77, 32);
        List<Binding> others =
                List.of(
                        new Binding(
                                Actors.TERMS,
                                Binding.Moment.AGAIN,
                                0,
                                Actors.OVERLAY_KEY,
                                Actors.NONCE,
                                log.digest()),
                        new Binding(
                                Actors.TERMS,
                                Binding.Moment.START,
                                1,
                                Actors.OVERLAY_KEY,
                                Actors.NONCE,
                                log.digest()),
                        new Binding(
                                Actors.TERMS,
                                Binding.Moment.START,
                                0,
                                Actors.OVERLAY_KEY,
                                other,
                                log.digest()),
                        new Binding(
                                Actors.TERMS,
                                Binding.Moment.START,
                                0,
                                Actors.OVERLAY_KEY,
                                Actors.NONCE,
                                other));
        for (Binding binding : others) {
            refused(
                    Actors.evidence(Actors.leaseKey(), log, binding, Actors.CLOCK),
                    EvidenceFault.QUOTE_BINDING,
                    "the quote was made for");
        }
    }

    @Test
    void refusesAnOverlayKeyThatTheMachineDidNotStartWith() throws GeneralSecurityException {
        LeaseLog log = Actors.started();
        Binding swapped =
                new Binding(
                        Actors.TERMS,
                        Binding.Moment.START,
                        0,
                        Octets.repeated(0x66, 32),
                        Actors.NONCE,
                        log.digest());
        refused(
                Actors.evidence(Actors.leaseKey(), log, swapped, Actors.CLOCK),
                EvidenceFault.LEASELOG_MISSING,
                "not in the computer's log");
    }

    @Test
    void refusesOtherKeys() throws GeneralSecurityException, EvidenceFormatException {
        Evidence good = Actors.evidence();
        PublicArea other = Actors.endorsement();
        refused(
                with(
                        good,
                        Octets.of(other.toBytes()),
                        good.leaseKey(),
                        good.quote(),
                        good.registers()),
                EvidenceFault.EK_KEY_MISMATCH,
                "not the one of the certificate");
        PublicArea ek = Actors.ENDORSEMENT;
        PublicArea weaker =
                new PublicArea(
                        ek.nameAlgorithm(),
                        new org.sparegrid.attestation.tpm.ObjectAttributes(0x0002_0072L),
                        ek.authPolicy(),
                        ek.aesKeyBits(),
                        ek.scheme(),
                        ek.material());
        refused(
                with(
                        good,
                        Octets.of(weaker.toBytes()),
                        good.leaseKey(),
                        good.quote(),
                        good.registers()),
                EvidenceFault.EK_TEMPLATE,
                "attributes 0x20072");
        LeaseLog log = Actors.started();
        SoftwareKey anything = Actors.leaseKey(SoftwareKey.ATTRIBUTES, Actors.registers(log));
        refused(
                Actors.evidence(anything, log, Actors.binding(log), Actors.CLOCK),
                EvidenceFault.AK_ATTRIBUTES,
                "0x50472");
        SoftwareKey unbound = new SoftwareKey(LeaseKey.ATTRIBUTES.bits(), Octets.EMPTY);
        refused(
                Actors.evidence(unbound, log, Actors.binding(log), Actors.CLOCK),
                EvidenceFault.AK_POLICY,
                "sha256:4,7,9,11,12,13");
        refused(
                with(
                        good,
                        good.endorsementKey(),
                        Octets.of(Actors.leaseKey().area().toBytes()),
                        good.quote(),
                        good.registers()),
                EvidenceFault.QUOTE_SIGNATURE,
                "not of key");
    }

    @Test
    void refusesForgedAndMalformedQuotes() throws GeneralSecurityException {
        LeaseLog log = Actors.started();
        SoftwareKey key = Actors.leaseKey();
        Evidence good = Actors.evidence(key, log, Actors.binding(log), Actors.CLOCK);
        byte[] forged = good.quote().attestation().toBytes();
        forged[0] = 0;
        refused(
                with(
                        good,
                        good.endorsementKey(),
                        good.leaseKey(),
                        key.sign(forged),
                        good.registers()),
                EvidenceFault.QUOTE_MAGIC,
                "a TPM did not make them");
        refused(
                with(
                        good,
                        good.endorsementKey(),
                        good.leaseKey(),
                        new SignedQuote(good.quote().attestation(), Octets.EMPTY),
                        good.registers()),
                EvidenceFault.QUOTE_FORMAT,
                "signature: expected");
    }

    @Test
    void refusesOtherRegisters() throws GeneralSecurityException {
        Evidence good = Actors.evidence();
        TreeMap<Integer, Octets> values = new TreeMap<>(good.registers().values());
        values.put(0, Octets.repeated(0, 32));
        refused(
                with(
                        good,
                        good.endorsementKey(),
                        good.leaseKey(),
                        good.quote(),
                        new PcrValues(HashAlgorithm.SHA256, values)),
                EvidenceFault.PCR_DIGEST,
                "not those quoted");
        TreeMap<Integer, Octets> fewer = new TreeMap<>(good.registers().values());
        fewer.remove(0);
        refused(
                with(
                        good,
                        good.endorsementKey(),
                        good.leaseKey(),
                        good.quote(),
                        new PcrValues(HashAlgorithm.SHA256, fewer)),
                EvidenceFault.PCR_SELECTION,
                "expected sha256:0,1,2,3,4,5,6,7,9,11,12,13,15");
        TreeMap<Integer, Octets> required = new TreeMap<>();
        required.put(11, Octets.repeated(0x11, 32));
        EvidenceExpectation strict =
                new EvidenceExpectation(
                        Actors.TERMS,
                        Binding.Moment.START,
                        0,
                        Actors.NONCE,
                        BootPromise.appliance(required),
                        EXPECTED.certifiedKey(),
                        new ClockRule.First(),
                        2);
        refused(good, strict, EvidenceFault.PCR_POLICY, "register 11 is");
    }

    @Test
    void refusesMissingAndAlteredLogs() throws GeneralSecurityException {
        Evidence good = Actors.evidence();
        refused(
                withLogs(good, Octets.EMPTY, good.leaseLog()),
                EvidenceFault.EVENTLOG_MISSING,
                "no boot log");
        byte[] changed = good.bootLog().toBytes();
        changed[140] ^= 1;
        refused(
                withLogs(good, Octets.of(changed), good.leaseLog()),
                EvidenceFault.EVENTLOG_REPLAY,
                "in register 0");
        refused(
                withLogs(good, Octets.repeated(1, 10), good.leaseLog()),
                EvidenceFault.FORMAT,
                "boot log: expected");
        LeaseLog without = LeaseLog.empty().with(LeaseLog.Kind.AGENT_STARTED, Actors.SALT);
        refused(
                withLogs(good, good.bootLog(), Octets.of(without.toBytes())),
                EvidenceFault.LEASELOG_REPLAY,
                "register 15 is");
        byte[] reordered = good.leaseLog().toBytes();
        reordered[8] = 1;
        refused(
                withLogs(good, good.bootLog(), Octets.of(reordered)),
                EvidenceFault.FORMAT,
                "lease log: expected sequence 0");
    }

    @Test
    void refusesMachinesThatStartedTwiceEndedOrAreTooMany() throws GeneralSecurityException {
        Octets subject = Actors.subject().digest();
        record Case(LeaseLog log, EvidenceFault fault, String finding) {}
        LeaseLog one = Actors.started();
        List<Case> cases =
                List.of(
                        new Case(
                                one.with(LeaseLog.Kind.MACHINE_STARTED, subject),
                                EvidenceFault.LEASELOG_DUPLICATE,
                                "started 2 times"),
                        new Case(
                                one.with(LeaseLog.Kind.MACHINE_STOPPED, subject),
                                EvidenceFault.LEASELOG_ENDED,
                                "1 times"),
                        new Case(
                                one.with(LeaseLog.Kind.MACHINE_STARTED, Actors.SALT)
                                        .with(LeaseLog.Kind.MACHINE_STARTED, Actors.NONCE),
                                EvidenceFault.LEASELOG_CROWDED,
                                "3 machines run"));
        for (Case each : cases) {
            SoftwareKey key = Actors.leaseKey();
            refused(
                    Actors.evidence(key, each.log(), Actors.binding(each.log()), Actors.CLOCK),
                    each.fault(),
                    each.finding());
        }
    }

    @Test
    void refusesATpmThatWasReset() throws GeneralSecurityException {
        LeaseLog log = Actors.started();
        ClockInfo reset = new ClockInfo(2_000_000, 4, 0, true);
        refused(
                Actors.evidence(Actors.leaseKey(), log, Actors.binding(log), reset),
                Actors.expected(new ClockRule.Continues(Actors.CLOCK)),
                EvidenceFault.CLOCK_RESET,
                "did not run on");
    }
}
