// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.attester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.eventlog.Logs;
import org.sparegrid.attestation.protocol.Binding;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.EvidenceExpectation;
import org.sparegrid.attestation.protocol.EvidenceFault;
import org.sparegrid.attestation.protocol.EvidenceResult;
import org.sparegrid.attestation.protocol.EvidenceVerifier;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseLog;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.protocol.LeaseTrust;
import org.sparegrid.attestation.protocol.LeaseTrust.Event;
import org.sparegrid.attestation.protocol.Nonces;
import org.sparegrid.attestation.protocol.TrustTiming;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.device.Swtpm;
import org.sparegrid.attestation.tpm.device.Tpm;
import org.sparegrid.attestation.tpm.device.TpmException;
import org.sparegrid.attestation.wire.Octets;

/// The whole protocol between an agent with a real emulator and a buyer, with a real boot's log
/// extended into the emulator as firmware would.
class AttesterIT {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final TrustTiming TIMING = TrustTiming.DEFAULT;
    private static final Octets BOOT_LOG = Octets.of(Logs.file("own_ovmf_uki.bin"));
    private static final BootPromise PROMISE = GuestProgram.PROMISE;
    private static final Octets OVERLAY_KEY = Octets.repeated(6, 32);
    private static final LeaseTerms TERMS = GuestProgram.TERMS;

    @TempDir Path folder;

    /// What firmware does before the agent starts.
    private static Attester boot(Swtpm swtpm)
            throws IOException, InterruptedException, GeneralSecurityException {
        Tpm tpm = swtpm.connect();
        try {
            for (var event : BootLog.parse(BOOT_LOG.toBytes()).events()) {
                Octets digest = event.digests().get(HashAlgorithm.SHA256);
                if (event.extended() && digest != null) {
                    tpm.state().extend(event.register(), HashAlgorithm.SHA256, digest);
                }
            }
        } catch (org.sparegrid.attestation.wire.EvidenceFormatException impossible) {
            throw new AssertionError(impossible);
        }
        Attester attester = Attester.open(tpm, RANDOM, BOOT_LOG, LeaseLog.empty());
        attester.agentStarted(Octets.repeated(9, 32));
        return attester;
    }

    private static PublicKey certified(Evidence evidence) throws GeneralSecurityException {
        byte[] der = evidence.endorsementCertificates().getFirst().toBytes();
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der))
                .getPublicKey();
    }

    private static EvidenceExpectation expected(
            Binding.Moment moment, long sequence, Octets nonce, PublicKey key, ClockRule clock) {
        return new EvidenceExpectation(TERMS, moment, sequence, nonce, PROMISE, key, clock, 1);
    }

    /// The buyer's side of one lease.
    private static final class Buyer {
        private final Nonces nonces = new Nonces(RANDOM);
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private Octets nonce = nonces.issue(now);
        private LeaseTrust trust = LeaseTrust.offered(nonce, now);

        void happens(Event event) {
            trust = trust.after(event, now, TIMING);
        }

        /// The evidence goes over the wire and is checked.
        void receive(Evidence sent, Binding.Moment moment, long sequence, ClockRule clock)
                throws Exception {
            Evidence evidence = Evidence.parse(sent.toBytes());
            EvidenceResult result =
                    EvidenceVerifier.verify(
                            evidence,
                            expected(moment, sequence, nonce, certified(evidence), clock));
            happens(
                    new Event.EvidenceChecked(
                            result, nonces.redeem(nonce, now), evidence.digest(), now));
        }

        JoinSecret.Grant grant() throws Exception {
            LeaseTrust.Verified verified = (LeaseTrust.Verified) trust;
            JoinSecret.Grant grant =
                    JoinSecret.grant(
                            verified.keys().endorsementKey(), verified.keys().leaseKey(), RANDOM);
            happens(new Event.SecretSent(grant.secret()));
            return grant;
        }

        void askAgain() {
            now = now.plus(TIMING.again());
            nonce = nonces.issue(now);
            happens(new Event.QuoteAsked(nonce));
        }
    }

    private static Evidence evidence(
            Attester attester, Attester.Lease lease, Binding.Moment moment, long n, Buyer buyer)
            throws IOException {
        return attester.evidence(lease, moment, n, buyer.nonce, List.of(), List.of());
    }

    /// Up to the machine's admission.
    private static Buyer admit(Attester attester, Attester.Lease lease) throws Exception {
        Buyer buyer = new Buyer();
        Evidence evidence = evidence(attester, lease, Binding.Moment.START, 0, buyer);
        buyer.receive(evidence, Binding.Moment.START, 0, new ClockRule.First());
        JoinSecret.Grant grant = buyer.grant();
        JoinSecret opened = attester.open(lease, grant.credential());
        assertThat(opened.presharedKey(TERMS.leaseId()))
                .isEqualTo(grant.secret().presharedKey(TERMS.leaseId()));
        buyer.happens(new Event.ProofCame(opened.proof(evidence.digest())));
        LeaseTrust.Admitted admitted = (LeaseTrust.Admitted) buyer.trust;
        assertThat(grant.wasFor(admitted.keys().endorsementKey(), admitted.keys().leaseKey()))
                .isTrue();
        assertThat(grant.wasFor(admitted.keys().endorsementKey(), admitted.keys().endorsementKey()))
                .isFalse();
        return buyer;
    }

    private static ClockRule since(Buyer buyer) {
        return new ClockRule.Continues(((LeaseTrust.Asked) buyer.trust).quoted().clock());
    }

    private static void revoked(Buyer buyer, EvidenceFault fault) {
        assertThat(buyer.trust)
                .isInstanceOfSatisfying(
                        LeaseTrust.Revoked.class,
                        revoked ->
                                assertThat(revoked.fault()).as(revoked.finding()).isEqualTo(fault));
    }

    @Test
    void aLeaseIsAdmittedQuotedAgainAndRevokedWhenTheTpmRestarts() throws Exception {
        try (Swtpm swtpm = Swtpm.start(folder)) {
            Attester.Lease lease;
            Buyer buyer;
            try (Attester attester = boot(swtpm)) {
                lease = attester.begin(TERMS, OVERLAY_KEY, PROMISE);
                buyer = admit(attester, lease);
                buyer.askAgain();
                Evidence again = evidence(attester, lease, Binding.Moment.AGAIN, 1, buyer);
                buyer.receive(again, Binding.Moment.AGAIN, 1, since(buyer));
                assertThat(buyer.trust).isInstanceOf(LeaseTrust.Admitted.class);

                Buyer other = admit(attester, lease);
                other.askAgain();
                other.receive(again, Binding.Moment.AGAIN, 1, since(other)); // shown once more
                revoked(other, EvidenceFault.QUOTE_BINDING);
            }
            swtpm.restart();
            try (Attester attester = boot(swtpm)) {
                Attester.Lease pretended = attester.begin(TERMS, OVERLAY_KEY, PROMISE);
                buyer.askAgain();
                buyer.receive(
                        evidence(attester, pretended, Binding.Moment.AGAIN, 2, buyer),
                        Binding.Moment.AGAIN,
                        2,
                        since(buyer));
                revoked(buyer, EvidenceFault.CLOCK_RESET);
            }
        }
    }

    @Test
    void aChangeOfTheBootStateKeepsTheSecretShut() throws Exception {
        try (Swtpm swtpm = Swtpm.start(folder);
                Attester attester = boot(swtpm)) {
            Attester.Lease lease = attester.begin(TERMS, OVERLAY_KEY, PROMISE);
            Buyer buyer = new Buyer();
            buyer.receive(
                    evidence(attester, lease, Binding.Moment.START, 0, buyer),
                    Binding.Moment.START,
                    0,
                    new ClockRule.First());
            JoinSecret.Grant grant = buyer.grant();
            // Another machine of the same computer is no change of state.
            LeaseTerms others =
                    new LeaseTerms(
                            Octets.repeated(0x55, 16),
                            TERMS.imageDigest(),
                            TERMS.machineDigest(),
                            TERMS.policyDigest(),
                            TERMS.gatewayKey());
            Attester.Lease neighbour = attester.begin(others, OVERLAY_KEY, PROMISE);
            assertThat(neighbour.leaseKey()).isNotEqualTo(lease.leaseKey());
            assertThat(attester.open(lease, grant.credential())).isEqualTo(grant.secret());
            assertThatThrownBy(() -> attester.open(neighbour, grant.credential()))
                    .isInstanceOfSatisfying(
                            TpmException.class,
                            refused -> assertThat(refused.integrityFailed()).isTrue());
            attester.ended(neighbour);
            attester.tpm().state().extend(11, HashAlgorithm.SHA256, OVERLAY_KEY);
            assertThatThrownBy(() -> attester.open(lease, grant.credential()))
                    .isInstanceOfSatisfying(
                            TpmException.class,
                            refused -> assertThat(refused.policyFailed()).isTrue());
            EvidenceResult after =
                    EvidenceVerifier.verify(
                            evidence(attester, lease, Binding.Moment.START, 0, buyer),
                            expected(
                                    Binding.Moment.START,
                                    0,
                                    buyer.nonce,
                                    ((LeaseTrust.Granted) buyer.trust)
                                            .keys()
                                            .endorsementKey()
                                            .material()
                                            .toPublicKey(),
                                    new ClockRule.First()));
            assertThat(after)
                    .isInstanceOfSatisfying(
                            EvidenceResult.Refused.class,
                            refused ->
                                    assertThat(refused.fault()).isEqualTo(EvidenceFault.AK_POLICY));
        }
    }

    /// A clean computer next to the one that runs the machine: its keys do not open the secret.
    @Test
    void anotherTpmsKeyDoesNotOpenTheSecret() throws Exception {
        try (Swtpm one = Swtpm.start(folder.resolve("one"));
                Swtpm two = Swtpm.start(folder.resolve("two"));
                Attester first = boot(one);
                Attester second = boot(two)) {
            Attester.Lease mine = first.begin(TERMS, OVERLAY_KEY, PROMISE);
            Attester.Lease theirs = second.begin(TERMS, OVERLAY_KEY, PROMISE);
            Buyer buyer = new Buyer();
            Evidence relayed = evidence(second, theirs, Binding.Moment.START, 0, buyer);
            buyer.receive(relayed, Binding.Moment.START, 0, new ClockRule.First());
            JoinSecret.Grant grant = buyer.grant();
            assertThatThrownBy(() -> first.open(mine, grant.credential()))
                    .isInstanceOf(TpmException.class);
        }
    }

    @Test
    void aLostOrForeignLeaseLogIsNoticed() throws Exception {
        try (Swtpm swtpm = Swtpm.start(folder)) {
            LeaseLog log;
            try (Attester attester = boot(swtpm)) {
                log = attester.leaseLog();
            }
            Attester.open(swtpm.connect(), RANDOM, BOOT_LOG, log).close();
            try (Tpm tpm = swtpm.connect()) {
                assertThatThrownBy(() -> Attester.open(tpm, RANDOM, BOOT_LOG, LeaseLog.empty()))
                        .hasMessageContaining("the log was lost since the start");
            }
        }
    }
}
