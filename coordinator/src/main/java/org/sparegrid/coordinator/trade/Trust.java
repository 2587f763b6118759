// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.EndorsementCertificates;
import org.sparegrid.attestation.certificate.EndorsementResult;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.TpmIdentity;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseKey;
import org.sparegrid.attestation.tpm.EndorsementTemplate;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.coordinator.lease.LeaseStatus;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.LeaseTable;
import org.sparegrid.coordinator.store.TrustTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.TrustAnswers;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.market.EndReason;

/// Learns which sellers have a TPM, and carries what buyers and agents say about trust.
///
/// A seller goes UNKNOWN, CHALLENGED, ENROLLED: a certificate that leads to a root this coordinator
/// was given, then a secret that only that TPM opens. That one computer has one TPM is all the
/// coordinator checks; what the computer runs each buyer checks himself, with his own challenge.
final class Trust {
    private static final System.Logger LOGGER = System.getLogger(Trust.class.getName());

    /// Answers in one reply; evidence may be 1 MiB long.
    private static final int ANSWERS_MAX = 4;

    /// Sellers that were challenged and have not answered; one more than that waits for a restart.
    private static final int CHALLENGES_MAX = 100_000;

    private record Challenged(JoinSecret secret, Octets certificateDigest, TrustTable.Tpm tpm) {}

    private final Exchange exchange;
    private final Map<SellerId, Challenged> challenged = new ConcurrentHashMap<>();
    private volatile List<TrustAnchors> makers = List.of();

    Trust(Exchange exchange) {
        this.exchange = exchange;
    }

    /// Believes endorsement certificates that lead to these roots.
    void believe(List<TrustAnchors> roots) {
        makers = List.copyOf(roots);
    }

    /// Takes an agent's TPM and challenges it.
    void offered(SellerId seller, AgentMessage.TpmOffered offered) {
        challenged.remove(seller);
        try {
            TpmIdentity identity = identity(offered.certificate());
            PublicArea endorsement = PublicArea.parse(offered.endorsementKey().toBytes());
            PublicArea key = PublicArea.parse(offered.key().toBytes());
            boolean same =
                    Arrays.equals(
                            endorsement.material().toPublicKey().getEncoded(),
                            identity.key().getEncoded());
            boolean made =
                    Arrays.stream(EndorsementTemplate.values())
                            .anyMatch(template -> template.made(endorsement));
            if (!same || !made || !LeaseKey.isOfKind(key)) {
                throw new EvidenceFormatException("tpm: expected the certificate's own keys");
            }
            Optional<SellerId> known =
                    exchange.read(tx -> tx.trust().sellerOf(identity.keyDigest()));
            if (known.filter(other -> !other.equals(seller)).isPresent()) {
                throw new EvidenceFormatException(
                        "tpm: expected one that is not enrolled as seller " + known.get());
            }
            if (challenged.size() < CHALLENGES_MAX) {
                challenge(seller, offered, identity, endorsement, key);
            }
        } catch (EvidenceFormatException refused) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "TPM refused seller=" + seller + " cause=" + refused.reason());
        }
    }

    private void challenge(
            SellerId seller,
            AgentMessage.TpmOffered offered,
            TpmIdentity identity,
            PublicArea endorsement,
            PublicArea key)
            throws EvidenceFormatException {
        JoinSecret.Grant grant = JoinSecret.grant(endorsement, key, exchange.random());
        challenged.put(
                seller,
                new Challenged(
                        grant.secret(),
                        digest(offered.certificate()),
                        new TrustTable.Tpm(
                                seller,
                                identity.keyDigest(),
                                identity.manufacturer(),
                                identity.model(),
                                identity.firmware(),
                                identity.origin() == TrustAnchors.Origin.VENDOR,
                                Math.clamp(offered.level(), 1, 3))));
        exchange.sessions()
                .send(
                        seller,
                        new CoordinatorMessage.TpmChallenged(
                                new Blob(grant.credential().blob().toBytes()),
                                new Blob(grant.credential().encryptedSeed().toBytes())));
    }

    private TpmIdentity identity(Blob certificate) throws EvidenceFormatException {
        X509Certificate parsed = EndorsementCertificates.fromStorage(certificate.toBytes());
        String why = "this coordinator has no roots of TPM makers";
        for (TrustAnchors roots : makers) {
            var validator = new ChainValidator(roots, List.of(), RevocationRule.IF_PRESENT);
            switch (new EndorsementCertificates(validator, Set.of())
                    .validate(parsed, List.of(), exchange.now())) {
                case EndorsementResult.Trusted(TpmIdentity identity) -> {
                    return identity;
                }
                case EndorsementResult.Refused(var fault, var reason) ->
                        why = "EK_" + fault + ": " + reason;
            }
        }
        throw new EvidenceFormatException(why);
    }

    private static Octets digest(Blob certificate) {
        return Octets.of(HashAlgorithm.SHA256.hash(certificate.toBytes()));
    }

    /// Takes the answer to a challenge; a wrong one leaves nothing of it behind.
    void proved(SellerId seller, Blob proof) {
        Challenged pending = challenged.remove(seller);
        if (pending == null
                || !pending.secret()
                        .proof(pending.certificateDigest())
                        .equals(Octets.of(proof.toBytes()))) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "TPM did not open our secret seller=" + seller);
            return;
        }
        exchange.change((tx, _, now) -> {
            tx.trust().put(pending.tpm(), now);
            return true;
        });
        exchange.asks().attest(seller, pending.tpm().level());
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> "TPM enrolled seller=" + seller + " tpm=" + pending.tpm().keyDigest());
    }

    /// Carries a buyer's question to his machine's agent, and ends the lease if he refuses it: for
    /// nothing if the machine never ran, so that another seller is tried.
    void ask(AccountId account, LeaseId lease, TrustQuestion question) {
        exchange.change((tx, effects, now) -> {
            LeaseTable.Row row = Orders.findLease(tx, account, lease);
            if (!row.status().state().isLive()) {
                throw new RefusedException(Reason.CONFLICT, "the machine is gone");
            }
            if (tx.orders().find(row.order()).orElseThrow().spec().trust() == 0) {
                throw new RefusedException(
                        Reason.CONFLICT, "the order asks for no trust: its machine runs already");
            }
            if (!(question instanceof TrustQuestion.Refusal(String code, String finding))) {
                if (question instanceof TrustQuestion.Admission) {
                    tx.trust().letIn(lease);
                }
                effects.send(row.seller(), new CoordinatorMessage.TrustAsked(lease, question));
                return true;
            }
            String why = "the buyer's check refused it: " + code + ", " + finding;
            if (row.status().ran()) {
                Leases.stop(exchange, tx, row, EndReason.BUYER, why, effects, now);
            } else {
                var gone = new LeaseStatus.Happening.Gone(EndReason.START_FAILED, why);
                Leases.apply(exchange, tx, row, gone, effects, now);
                effects.send(row.seller(), new CoordinatorMessage.StopLease(lease, why));
            }
            return true;
        });
    }

    /// Keeps what an agent answers for its lease's buyer.
    void answered(SellerId seller, LeaseId lease, TrustAnswer answer) {
        exchange.change((tx, _, _) -> {
            tx.leases()
                    .find(lease)
                    .filter(row -> row.seller().equals(seller) && row.status().state().isLive())
                    .ifPresent(row -> tx.trust().add(row.id(), answer));
            return true;
        });
        exchange.signals().raise(key(lease));
    }

    /// What the agent of a machine of the account said after a number, as soon as there is some.
    TrustAnswers answers(AccountId account, LeaseId lease, long after, Duration wait) {
        return exchange.signals()
                .await(
                        key(lease),
                        wait,
                        () ->
                                exchange.read(tx ->
                                        new TrustAnswers(
                                                tx.trust()
                                                        .answers(
                                                                Orders.findLease(tx, account, lease)
                                                                        .id(),
                                                                after,
                                                                ANSWERS_MAX))),
                        found -> !found.answers().isEmpty());
    }

    private static String key(LeaseId lease) {
        return "trust " + lease;
    }
}
