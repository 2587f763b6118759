// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.trust;

import java.io.IOException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.certificate.EndorsementCertificates;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.policy.Policy;
import org.sparegrid.attestation.protocol.Binding;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.EvidenceExpectation;
import org.sparegrid.attestation.protocol.EvidenceResult;
import org.sparegrid.attestation.protocol.EvidenceVerifier;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.protocol.LeaseTrust;
import org.sparegrid.attestation.protocol.Nonces;
import org.sparegrid.attestation.protocol.TrustTiming;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.report.VerificationReport;
import org.sparegrid.attestation.verification.StoredEvidence;
import org.sparegrid.attestation.verification.Verifier;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.control.TrustQuestion;

/// The trust of one machine from its start to its end, on a thread of its own.
final class LeaseWatch {
    private static final System.Logger LOG = System.getLogger(LeaseWatch.class.getName());

    /// How long the agent may take to fetch the image and make the machine.
    private static final Duration READY_MAX = Duration.ofMinutes(30);

    private static final Duration RETRY = Duration.ofSeconds(2);

    /// What watches of one order have in common.
    ///
    /// @param digest of the policy
    record Setting(
            Policy policy,
            Octets digest,
            TrustTiming timing,
            List<TrustAnchors> makers,
            Octets gatewayKey,
            Clock clock,
            SecureRandom random) {}

    /// Is told what becomes of the machine.
    interface Outcome {
        /// It may talk with the network, with this key and secret.
        ///
        /// @throws RefusalException if the key is another machine's or the buyer's own
        void admitted(Octets overlayKey, JoinSecret secret) throws RefusalException;

        /// What it has shown, for the buyer to keep.
        void shown(StoredEvidence evidence) throws IOException;
    }

    private final Correspondence agent;
    private final LeaseTerms terms;
    private final Setting setting;
    private final Outcome outcome;
    private final Nonces nonces;
    private LeaseTrust trust;
    private Octets nonce;
    private Instant askedAt;
    private long sequence;
    private Optional<JoinSecret.Grant> grant = Optional.empty();

    LeaseWatch(Correspondence agent, LeaseTerms terms, Setting setting, Outcome outcome) {
        this.agent = agent;
        this.terms = terms;
        this.setting = setting;
        this.outcome = outcome;
        this.nonces = new Nonces(setting.random());
        this.askedAt = now();
        this.nonce = nonces.issue(askedAt);
        this.trust = LeaseTrust.offered(nonce, askedAt);
    }

    private Instant now() {
        return setting.clock().instant();
    }

    /// Watches until the lease is over or refused.
    ///
    /// @throws RefusalException if it is not trusted
    void run() throws IOException, RefusedException, RefusalException, InterruptedException {
        Optional<TrustAnswer> ready =
                agent.await(
                        answer ->
                                answer instanceof TrustAnswer.Ready
                                        ? Optional.of(answer)
                                        : Optional.empty(),
                        now().plus(READY_MAX));
        if (ready.isEmpty()) {
            throw new RefusalException("NOT_READY", "the machine was never made");
        }
        Evidence first = admit();
        outcome.admitted(first.overlayKey(), grant.orElseThrow().secret());
        while (true) {
            Thread.sleep(untilNext());
            again();
        }
    }

    private Evidence admit()
            throws IOException, RefusedException, RefusalException, InterruptedException {
        skip();
        ask();
        trust = LeaseTrust.offered(nonce, askedAt);
        Evidence evidence = await().orElseThrow(() -> silent("no evidence"));
        take(evidence, 0, new ClockRule.First());
        if (!(trust instanceof LeaseTrust.Verified(var keys, var _, var _))) {
            throw refusal();
        }
        JoinSecret.Grant made = grant(keys);
        grant = Optional.of(made);
        agent.ask(
                new TrustQuestion.Grant(
                        new Blob(made.credential().blob().toBytes()),
                        new Blob(made.credential().encryptedSeed().toBytes())),
                until());
        happens(new LeaseTrust.Event.SecretSent(made.secret()));
        Octets proof =
                agent.await(LeaseWatch::proof, now().plus(setting.timing().answer()))
                        .orElseThrow(() -> silent("no proof that the TPM opened the secret"));
        happens(new LeaseTrust.Event.ProofCame(proof));
        if (!trust.admits()) {
            throw refusal();
        }
        weigh(evidence, 0);
        return evidence;
    }

    private void skip() throws IOException, RefusedException, InterruptedException {
        Instant until = now().plus(Nonces.LIFETIME);
        while (true) {
            try {
                agent.skip();
                return;
            } catch (IOException away) {
                if (now().isAfter(until)) {
                    throw away;
                }
                Thread.sleep(RETRY);
            }
        }
    }

    private JoinSecret.Grant grant(LeaseTrust.Keys keys) throws RefusalException {
        try {
            return JoinSecret.grant(keys.endorsementKey(), keys.leaseKey(), setting.random());
        } catch (EvidenceFormatException unusable) {
            throw new RefusalException("EK_TEMPLATE", unusable.reason());
        }
    }

    private void again()
            throws IOException, RefusedException, RefusalException, InterruptedException {
        LeaseTrust.Quoted last = quoted();
        sequence++;
        Optional<Evidence> evidence = Optional.empty();
        try {
            ask();
            happens(new LeaseTrust.Event.QuoteAsked(nonce));
            evidence = await();
        } catch (IOException away) {
            LOG.log(System.Logger.Level.WARNING, () -> "coordinator not reached cause=" + away);
        }
        if (evidence.isPresent()) {
            take(evidence.get(), sequence, new ClockRule.Continues(last.clock()));
        }
        happens(new LeaseTrust.Event.Ticked());
        if (!trust.admits()) {
            throw refusal();
        }
        if (evidence.isPresent()) {
            weigh(evidence.get(), sequence);
        }
    }

    private LeaseTrust.Quoted quoted() {
        return switch (trust) {
            case LeaseTrust.Admitted(var _, var quoted, var _) -> quoted;
            case LeaseTrust.Asked(var _, var quoted, var _, var _) -> quoted;
            default -> throw new IllegalStateException("trust: expected an admitted machine");
        };
    }

    private Duration untilNext() {
        Instant next =
                trust instanceof LeaseTrust.Asked
                        ? now()
                        : quoted().at().plus(setting.timing().again());
        Duration left = Duration.between(now(), next);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private Instant until() {
        return askedAt.plus(Nonces.LIFETIME);
    }

    private void ask() throws IOException, RefusedException, InterruptedException {
        askedAt = now();
        nonce = nonces.issue(askedAt);
        agent.ask(
                new TrustQuestion.Challenge(
                        setting.policy().level().number(),
                        sequence,
                        new Blob(nonce.toBytes()),
                        new Blob(setting.digest().toBytes()),
                        new Blob(setting.gatewayKey().toBytes())),
                until());
    }

    private Optional<Evidence> await()
            throws RefusedException, RefusalException, InterruptedException {
        Blob asked = new Blob(nonce.toBytes());
        Optional<byte[]> bytes =
                agent.await(
                        answer ->
                                answer instanceof TrustAnswer.Evidence evidence
                                                && evidence.nonce().equals(asked)
                                        ? Optional.of(evidence.toBytes())
                                        : Optional.empty(),
                        until());
        try {
            return bytes.isPresent() ? Optional.of(Evidence.parse(bytes.get())) : Optional.empty();
        } catch (EvidenceFormatException malformed) {
            throw new RefusalException("FORMAT", malformed.reason());
        }
    }

    private static Optional<Octets> proof(TrustAnswer answer) {
        return answer instanceof TrustAnswer.Proof(Blob proof)
                ? Optional.of(Octets.of(proof.toBytes()))
                : Optional.empty();
    }

    private void take(Evidence evidence, long number, ClockRule clock) throws RefusalException {
        EvidenceResult result =
                EvidenceVerifier.verify(
                        evidence,
                        new EvidenceExpectation(
                                terms,
                                number == 0 ? Binding.Moment.START : Binding.Moment.AGAIN,
                                number,
                                nonce,
                                BootPromise.of(setting.policy().level()),
                                certifiedKey(evidence),
                                clock,
                                setting.policy().machine().perHostMax()));
        happens(
                new LeaseTrust.Event.EvidenceChecked(
                        result, nonces.redeem(nonce, now()), evidence.digest(), askedAt));
    }

    private static PublicKey certifiedKey(Evidence evidence) throws RefusalException {
        if (evidence.endorsementCertificates().isEmpty()) {
            throw new RefusalException("EK_MISSING", "the TPM has no certificate");
        }
        try {
            return EndorsementCertificates.keyOf(
                    EndorsementCertificates.fromStorage(
                            evidence.endorsementCertificates().getFirst().toBytes()));
        } catch (EvidenceFormatException malformed) {
            throw new RefusalException("EK_MISSING", malformed.reason());
        }
    }

    /// Down to the makers' roots and against the policy, as `attest verify` does it later.
    private void weigh(Evidence evidence, long number) throws IOException, RefusalException {
        StoredEvidence stored =
                new StoredEvidence(
                        List.of(
                                new StoredEvidence.Part.Lease(
                                        evidence, terms, number, nonce, grant)),
                        List.of(),
                        List.of());
        VerificationReport report =
                Verifier.verify(
                        stored,
                        setting.policy(),
                        new Verifier.Expectation.Unknown(),
                        setting.makers(),
                        now());
        outcome.shown(stored);
        if (report.verdict() != VerificationReport.Verdict.TRUSTED) {
            Finding first =
                    java.util.stream.Stream.concat(
                                    report.checks().stream(), report.rules().stream())
                            .filter(each -> each.outcome() == Finding.Outcome.FAIL)
                            .findFirst()
                            .orElseThrow();
            throw new RefusalException(first.code(), first.rule() + ": " + first.sentence());
        }
    }

    private void happens(LeaseTrust.Event event) {
        trust = trust.after(event, now(), setting.timing());
    }

    private RefusalException silent(String what) {
        return new RefusalException("NONCE_EXPIRED", what + " within " + Nonces.LIFETIME);
    }

    private RefusalException refusal() {
        return switch (trust) {
            case LeaseTrust.Refused(var fault, var finding) ->
                    new RefusalException(fault.name(), finding);
            case LeaseTrust.Revoked(var fault, var finding) ->
                    new RefusalException(fault.name(), finding);
            default -> new RefusalException("NONCE_UNKNOWN", "the machine is not trusted");
        };
    }
}
