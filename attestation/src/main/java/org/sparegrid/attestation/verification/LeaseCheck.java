// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.verification;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.EndorsementCertificates;
import org.sparegrid.attestation.certificate.TpmIdentity;
import org.sparegrid.attestation.policy.Fact;
import org.sparegrid.attestation.protocol.Binding;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.EvidenceExpectation;
import org.sparegrid.attestation.protocol.EvidenceFacts;
import org.sparegrid.attestation.protocol.EvidenceResult;
import org.sparegrid.attestation.protocol.EvidenceVerifier;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.report.Claim;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Checks a lease's evidence once its endorsement certificate is believed.
final class LeaseCheck {
    /// Whether the computer is crowded is for the policy to say.
    private static final int MACHINES_MAX = Integer.MAX_VALUE;

    private LeaseCheck() {}

    /// The certificates that evidence brings along.
    record Certified(X509Certificate endorsement, List<X509Certificate> others) {}

    /// What came of it.
    record Outcome(List<Claim> claims, List<Finding> checks, List<Fact> facts) {}

    static Certified certificates(Evidence evidence) throws EvidenceFormatException {
        if (evidence.endorsementCertificates().isEmpty()) {
            throw new EvidenceFormatException("ek certificate: expected one, got none");
        }
        List<X509Certificate> others = new ArrayList<>();
        for (Octets der :
                evidence.endorsementCertificates()
                        .subList(1, evidence.endorsementCertificates().size())) {
            others.add(Certificates.certificate(der.toBytes()));
        }
        return new Certified(
                EndorsementCertificates.fromStorage(
                        evidence.endorsementCertificates().getFirst().toBytes()),
                others);
    }

    /// @param wanted level that the evidence is weighed for; evidence may show more, not less
    static Outcome of(StoredEvidence.Part.Lease lease, TpmIdentity identity, Level wanted) {
        Evidence evidence = lease.evidence();
        BootPromise appliance = BootPromise.of(Level.MEASURED);
        boolean whole =
                wanted.compareTo(Level.MEASURED) >= 0
                        || evidence.registers().selection().equals(appliance.quoted());
        EvidenceExpectation expected =
                new EvidenceExpectation(
                        lease.terms(),
                        lease.sequence() == 0 ? Binding.Moment.START : Binding.Moment.AGAIN,
                        lease.sequence(),
                        lease.nonce(),
                        whole ? appliance : BootPromise.identity(),
                        identity.key(),
                        new ClockRule.First(),
                        MACHINES_MAX);
        return switch (EvidenceVerifier.verify(evidence, expected)) {
            case EvidenceResult.Refused(var fault, var finding) ->
                    new Outcome(
                            claims(lease),
                            List.of(Finding.fail("tpm.evidence", fault.name(), finding)),
                            List.of());
            case EvidenceResult.Verified verified -> verified(lease, identity, verified);
        };
    }

    private static Outcome verified(
            StoredEvidence.Part.Lease lease,
            TpmIdentity identity,
            EvidenceResult.Verified verified) {
        boolean proven =
                lease.challenge()
                        .filter(made -> made.wasFor(verified.endorsementKey(), verified.leaseKey()))
                        .isPresent();
        List<Finding> checks = new ArrayList<>();
        checks.add(
                Finding.pass(
                        "tpm.evidence",
                        "the quote is of this lease, image, machine, network key and nonce, and"
                                + " the logs lead to its registers"));
        checks.add(
                proven
                        ? Finding.pass(
                                "tpm.key", "the quoting key opened your own challenge in that TPM")
                        : Finding.fail(
                                "tpm.key",
                                "AK_NOT_BOUND",
                                "nothing shows that the quoting key is in that TPM"));
        return new Outcome(
                claims(lease),
                checks,
                EvidenceFacts.of(
                        lease.evidence(),
                        verified,
                        identity,
                        proven ? Fact.KeyProof.VERIFIER : Fact.KeyProof.NONE));
    }

    private static List<Claim> claims(StoredEvidence.Part.Lease lease) {
        List<Claim> claims = new ArrayList<>();
        claims.add(new Claim("image", lease.evidence().terms().imageDigest().toString()));
        claims.add(new Claim("machine", lease.evidence().terms().machineDigest().toString()));
        claims.add(new Claim("network key", lease.evidence().overlayKey().toString()));
        claims.add(new Claim("quote", "number " + lease.sequence()));
        lease.evidence()
                .registers()
                .values()
                .forEach((register, value) ->
                        claims.add(new Claim("register " + register, value.toString())));
        return claims;
    }
}
