// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.verification;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.EndorsementCertificates;
import org.sparegrid.attestation.certificate.EndorsementResult;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.certificate.TpmIdentity;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.certificate.VendorRoots;
import org.sparegrid.attestation.policy.Fact;
import org.sparegrid.attestation.policy.Policy;
import org.sparegrid.attestation.policy.PolicyCheck;
import org.sparegrid.attestation.policy.TeeKind;
import org.sparegrid.attestation.report.Claim;
import org.sparegrid.attestation.report.Finding;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.report.UsedRoot;
import org.sparegrid.attestation.report.VerificationReport;
import org.sparegrid.attestation.sev.SnpEndorsement;
import org.sparegrid.attestation.sev.SnpReport;
import org.sparegrid.attestation.sev.SnpVerifier;
import org.sparegrid.attestation.tdx.TdBody;
import org.sparegrid.attestation.tdx.TdxCollateral;
import org.sparegrid.attestation.tdx.TdxTcb;
import org.sparegrid.attestation.tdx.TdxVerifier;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Verifies stored evidence down to the roots and weighs it against a policy.
///
/// It opens no file and no socket and asks no clock: the same inputs give the same report.
public final class Verifier {
    private final Level level;
    private final Expectation expectation;
    private final List<TrustAnchors> tpmMakers;
    private final Instant at;
    private final List<Claim> claims = new ArrayList<>();
    private final Set<UsedRoot> roots = new LinkedHashSet<>();
    private final List<Finding> checks = new ArrayList<>();
    private final List<Fact> facts = new ArrayList<>();

    private Verifier(
            Level level, Expectation expectation, List<TrustAnchors> tpmMakers, Instant at) {
        this.level = level;
        this.expectation = expectation;
        this.tpmMakers = tpmMakers;
        this.at = at;
    }

    /// What a report has to name so that it is about this lease and not another.
    public sealed interface Expectation {
        /// Exactly these 64 bytes, which hash lease, image, key and nonce.
        record ReportData(Octets value) implements Expectation {}

        /// The verifier does not know; no policy above `open` is then met.
        record Unknown() implements Expectation {}
    }

    /// Verifies evidence.
    ///
    /// @param tpmMakers roots of makers of TPMs; those of processors are built in
    /// @param at the time at which certificates and lists have to hold
    public static VerificationReport verify(
            StoredEvidence evidence,
            Policy policy,
            Expectation expectation,
            List<TrustAnchors> tpmMakers,
            Instant at) {
        Verifier verifier = new Verifier(policy.level(), expectation, tpmMakers, at);
        verifier.read(evidence);
        return new VerificationReport(
                policy.level(),
                at,
                verifier.claims,
                List.copyOf(verifier.roots),
                verifier.checks,
                PolicyCheck.check(policy, verifier.facts));
    }

    private void read(StoredEvidence evidence) {
        if (evidence.parts().isEmpty()) {
            checks.add(
                    Finding.fail("evidence", "EVIDENCE_EMPTY", "the file holds nothing to verify"));
        }
        Optional<StoredEvidence.Part.TdxRating> rating =
                evidence.parts().stream()
                        .filter(StoredEvidence.Part.TdxRating.class::isInstance)
                        .map(StoredEvidence.Part.TdxRating.class::cast)
                        .findFirst();
        for (StoredEvidence.Part part : evidence.parts()) {
            switch (part) {
                case StoredEvidence.Part.Snp(var report, var certificate) ->
                        snp(report, certificate, evidence);
                case StoredEvidence.Part.Tdx(var quote) -> tdx(quote, rating, evidence);
                case StoredEvidence.Part.TdxRating _ -> {}
                case StoredEvidence.Part.Endorsement(var certificate) ->
                        endorsement(certificate, evidence.certificates(), evidence)
                                .ifPresent(identity -> tpm(identity, Fact.KeyProof.NONE));
                case StoredEvidence.Part.Lease lease -> lease(lease, evidence);
            }
        }
    }

    /// Lists at hand are obeyed; whether a missing one matters is for the policy.
    private static ChainValidator validator(TrustAnchors anchors, StoredEvidence evidence) {
        return new ChainValidator(anchors, evidence.lists(), RevocationRule.IF_PRESENT);
    }

    private void snp(Octets bytes, X509Certificate certificate, StoredEvidence evidence) {
        try {
            claim(SnpReport.parse(bytes.toBytes()));
        } catch (EvidenceFormatException malformed) {
            checks.add(Finding.fail("snp.report", "TEE_FORMAT", malformed.getMessage() + ""));
            return;
        }
        SnpEndorsement.Result endorsed =
                SnpEndorsement.validate(
                        validator(VendorRoots.amd(), evidence),
                        certificate,
                        evidence.certificates(),
                        at);
        switch (endorsed) {
            case SnpEndorsement.Result.Refused(var refusal) ->
                    checks.add(
                            Finding.fail("snp.chain", "TEE_" + refusal.code(), refusal.reason()));
            case SnpEndorsement.Result.Trusted(var endorsement) -> {
                String name = endorsement.kind() + " of " + endorsement.product().id();
                root(endorsement.path().getLast(), true);
                checks.add(Finding.pass("snp.chain", "the " + name + " leads to AMD's root"));
                snp(bytes, endorsement);
            }
        }
    }

    private void snp(Octets bytes, SnpEndorsement endorsement) {
        switch (SnpVerifier.verify(bytes.toBytes(), endorsement)) {
            case SnpVerifier.Result.Refused(var refusal) ->
                    checks.add(
                            Finding.fail("snp.report", "TEE_" + refusal.code(), refusal.reason()));
            case SnpVerifier.Result.Verified(var report, var product, var tcb) -> {
                checks.add(
                        Finding.pass(
                                "snp.report", "the report is signed by that key, of that chip"));
                facts.add(
                        new Fact.Tee(
                                TeeKind.SEV_SNP,
                                product.id().toLowerCase(Locale.ROOT),
                                new Fact.Firmware.Snp(tcb),
                                report.policy().debug(),
                                report.policy().migrationAgent(),
                                report.platform().aliasesChecked()
                                        ? Fact.AliasCheck.DONE
                                        : Fact.AliasCheck.NOT_DONE,
                                report.measurement(),
                                binding(report.reportData()),
                                endorsement.revocation()));
            }
        }
    }

    private void claim(SnpReport report) {
        claims.add(new Claim("processor", "AMD SEV-SNP, report version " + report.version()));
        claims.add(new Claim("chip", report.chipId().toString()));
        claims.add(new Claim("guest measurement", report.measurement().toString()));
        claims.add(new Claim("report data", report.reportData().toString()));
        claims.add(new Claim("host data", report.hostData().toString()));
        claims.add(new Claim("guest policy", "0x" + Long.toHexString(report.policy().bits())));
    }

    private void tdx(
            Octets bytes, Optional<StoredEvidence.Part.TdxRating> rating, StoredEvidence evidence) {
        ChainValidator validator = validator(VendorRoots.intel(), evidence);
        switch (TdxVerifier.verify(bytes.toBytes(), validator, at)) {
            case TdxVerifier.Result.Refused(var refusal) ->
                    checks.add(
                            Finding.fail("tdx.quote", "TEE_" + refusal.code(), refusal.reason()));
            case TdxVerifier.Result.Verified verified -> {
                TdBody body = verified.quote().body();
                claim(verified);
                root(verified.path().getLast(), true);
                checks.add(
                        Finding.pass(
                                "tdx.quote",
                                "the quote leads over the quoting enclave and the platform's key"
                                        + " to Intel's root"));
                facts.add(
                        new Fact.Tee(
                                TeeKind.TDX,
                                "",
                                firmware(verified, rating, validator),
                                body.attributes().debug(),
                                body.attributes().migratable(),
                                Fact.AliasCheck.NOT_REPORTED,
                                body.measurement(),
                                binding(body.reportData()),
                                verified.revocation()));
            }
        }
    }

    private Fact.Firmware firmware(
            TdxVerifier.Result.Verified verified,
            Optional<StoredEvidence.Part.TdxRating> rating,
            ChainValidator validator) {
        if (rating.isEmpty()) {
            return new Fact.Firmware.Unrated(
                    "the evidence has no TCB info of Intel, so the firmware is not rated");
        }
        TdxCollateral collateral =
                new TdxCollateral(
                        rating.get().tcbInfo(),
                        rating.get().enclaveIdentity(),
                        List.of(rating.get().signer()));
        return switch (TdxTcb.rate(verified, collateral, validator, at)) {
            case TdxTcb.Result.Refused(var refusal) -> {
                checks.add(
                        Finding.fail("tdx.tcb", collateralCode(refusal.code()), refusal.reason()));
                yield new Fact.Firmware.Unrated(refusal.reason());
            }
            case TdxTcb.Result.Rated rated -> {
                claims.add(new Claim("advisories not mended", words(rated.advisories())));
                checks.add(
                        Finding.pass(
                                "tdx.tcb",
                                "Intel rates the firmware "
                                        + rated.status().id()
                                        + " as of "
                                        + rated.date()));
                yield new Fact.Firmware.Tdx(rated.status());
            }
        };
    }

    private static String collateralCode(org.sparegrid.attestation.tdx.TdxRefusal.Code code) {
        return switch (code) {
            case COLLATERAL_STALE, COLLATERAL_SIGNATURE, COLLATERAL_MISMATCH -> code.name();
            default -> "TEE_" + code.name();
        };
    }

    private void claim(TdxVerifier.Result.Verified verified) {
        TdBody body = verified.quote().body();
        claims.add(
                new Claim("processor", "Intel TDX, quote version " + verified.quote().version()));
        claims.add(new Claim("platform", verified.platform().platform().toString()));
        claims.add(new Claim("guest measurement", body.measurement().toString()));
        for (int i = 0; i < body.registers().size(); i++) {
            claims.add(new Claim("register " + i, body.registers().get(i).toString()));
        }
        claims.add(new Claim("report data", body.reportData().toString()));
        claims.add(
                new Claim("guest attributes", "0x" + Long.toHexString(body.attributes().bits())));
    }

    private void lease(StoredEvidence.Part.Lease lease, StoredEvidence evidence) {
        LeaseCheck.Certified certified;
        try {
            certified = LeaseCheck.certificates(lease.evidence());
        } catch (EvidenceFormatException unreadable) {
            checks.add(Finding.fail("tpm.chain", "EK_MISSING", unreadable.reason()));
            return;
        }
        endorsement(certified.endorsement(), certified.others(), evidence)
                .ifPresent(identity -> {
                    LeaseCheck.Outcome outcome = LeaseCheck.of(lease, identity, level);
                    claims.addAll(outcome.claims());
                    checks.addAll(outcome.checks());
                    facts.addAll(outcome.facts());
                });
    }

    private void tpm(TpmIdentity identity, Fact.KeyProof proof) {
        facts.add(
                new Fact.Tpm(
                        identity.manufacturer(),
                        identity.keyDigest(),
                        identity.origin() == TrustAnchors.Origin.VENDOR,
                        identity.revocation(),
                        proof));
    }

    private Optional<TpmIdentity> endorsement(
            X509Certificate certificate, List<X509Certificate> given, StoredEvidence evidence) {
        EndorsementResult result =
                new EndorsementResult.Refused(
                        org.sparegrid.attestation.certificate.ChainFault.NO_TRUSTED_ROOT,
                        "no roots of TPM makers were given");
        for (TrustAnchors anchors : tpmMakers) {
            result =
                    new EndorsementCertificates(validator(anchors, evidence), Set.of())
                            .validate(certificate, given, at);
            if (result instanceof EndorsementResult.Trusted) {
                break;
            }
        }
        return switch (result) {
            case EndorsementResult.Refused(var fault, var reason) -> {
                checks.add(Finding.fail("tpm.chain", "EK_" + fault, reason));
                yield Optional.empty();
            }
            case EndorsementResult.Trusted(TpmIdentity identity) -> {
                boolean vendor = identity.origin() == TrustAnchors.Origin.VENDOR;
                claims.add(
                        new Claim(
                                "tpm",
                                identity.manufacturer()
                                        + " "
                                        + identity.model()
                                        + ", firmware "
                                        + identity.firmware()));
                claims.add(new Claim("tpm key", "sha256:" + identity.keyDigest()));
                root(identity.path().getLast(), vendor);
                checks.add(
                        Finding.pass(
                                "tpm.chain", "the endorsement key leads to a root that was given"));
                yield Optional.of(identity);
            }
        };
    }

    private Fact.Binding binding(Octets reportData) {
        return switch (expectation) {
            case Expectation.Unknown _ -> Fact.Binding.NOT_CHECKED;
            case Expectation.ReportData(Octets value) ->
                    value.equals(reportData) ? Fact.Binding.BOUND : Fact.Binding.OTHER;
        };
    }

    private void root(X509Certificate root, boolean vendor) {
        roots.add(
                new UsedRoot(
                        Certificates.commonName(root).orElse("unnamed"),
                        Certificates.fingerprint(root),
                        vendor));
    }

    private static String words(List<String> all) {
        return all.isEmpty() ? "none" : String.join(", ", all);
    }
}
