// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.ChainResult;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.EcdsaKey;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Rates the firmware of a platform whose quote is believed, by what Intel publishes.
///
/// Source: Intel PCS API v4, "Determining the TCB status of a TDX platform".
public final class TdxTcb {
    private static final String SIGNER = "Intel SGX TCB Signing";

    /// What came of rating a platform.
    public sealed interface Result {
        /// Intel knows the platform.
        ///
        /// @param status the worst of firmware, TDX module and quoting enclave
        /// @param date when the level that matched was published
        /// @param evaluation number of Intel's evaluation that the levels are from
        /// @param advisories numbers of advisories that the platform does not mend
        record Rated(TcbStatus status, Instant date, long evaluation, List<String> advisories)
                implements Result {
            public Rated {
                advisories = List.copyOf(advisories);
            }
        }

        /// The collateral is not believed, or does not cover the platform.
        record Refused(TdxRefusal refusal) implements Result {}
    }

    private TdxTcb() {}

    /// Rates the platform of a believed quote at the time `at`.
    ///
    /// @param validator with Intel's root, and its revocation list for the signer
    public static Result rate(
            TdxVerifier.Result.Verified verified,
            TdxCollateral collateral,
            ChainValidator validator,
            Instant at) {
        try {
            SignedAnswer tcbInfo = SignedAnswer.read("tcb info", collateral.tcbInfo(), "tcbInfo");
            SignedAnswer identity =
                    SignedAnswer.read(
                            "qe identity", collateral.quotingEnclaveIdentity(), "enclaveIdentity");
            Optional<TdxRefusal> fault =
                    faultOf(collateral, List.of(tcbInfo, identity), validator, at);
            if (fault.isPresent()) {
                return new Result.Refused(fault.get());
            }
            return rate(
                    verified, new TcbInfo(tcbInfo.body()), new EnclaveIdentity(identity.body()));
        } catch (EvidenceFormatException malformed) {
            return refused(TdxRefusal.Code.FORMAT, malformed.getMessage() + "");
        }
    }

    private static Optional<TdxRefusal> faultOf(
            TdxCollateral collateral,
            List<SignedAnswer> answers,
            ChainValidator validator,
            Instant at)
            throws EvidenceFormatException {
        if (collateral.signerChain().isEmpty()) {
            return fault(TdxRefusal.Code.CHAIN, "the collateral has no certificate of its signer");
        }
        X509Certificate signer = collateral.signerChain().getFirst();
        switch (validator.validate(signer, collateral.signerChain(), at)) {
            case ChainResult.Refused(var why, var reason) -> {
                return fault(TdxRefusal.Code.CHAIN, why + ": " + reason);
            }
            case ChainResult.Trusted _ -> {}
        }
        Optional<EcdsaKey> key = EcdsaKey.of(signer.getPublicKey());
        if (Certificates.commonName(signer).filter(SIGNER::equals).isEmpty() || key.isEmpty()) {
            return fault(TdxRefusal.Code.CHAIN, "the collateral's signer is not " + SIGNER);
        }
        for (SignedAnswer answer : answers) {
            if (!answer.signedBy(key.get())) {
                return fault(
                        TdxRefusal.Code.COLLATERAL_SIGNATURE,
                        answer.body().path() + " is not signed by Intel");
            }
            if (!answer.currentAt(at)) {
                return fault(
                        TdxRefusal.Code.COLLATERAL_STALE,
                        answer.body().path()
                                + " holds from "
                                + SignedAnswer.instant(answer.body(), "issueDate")
                                + " to "
                                + SignedAnswer.instant(answer.body(), "nextUpdate"));
            }
        }
        return Optional.empty();
    }

    private static Result rate(
            TdxVerifier.Result.Verified verified, TcbInfo tcbInfo, EnclaveIdentity identity)
            throws EvidenceFormatException {
        if (!tcbInfo.covers(verified.platform())) {
            return refused(
                    TdxRefusal.Code.COLLATERAL_MISMATCH,
                    "the TCB info is not of platform " + verified.platform().platform());
        }
        TdBody body = verified.quote().body();
        if (!identity.matches(verified.quote().quotingEnclave())) {
            return refused(TdxRefusal.Code.ENCLAVE_IDENTITY, "the quoting enclave is not Intel's");
        }
        if (!tcbInfo.moduleMatches(body)) {
            return refused(
                    TdxRefusal.Code.MODULE_IDENTITY, "the TDX module is not one that Intel names");
        }
        List<Optional<TcbLevel>> parts = new ArrayList<>();
        parts.add(tcbInfo.level(verified.platform(), body));
        parts.add(identity.level(verified.quote().quotingEnclave().securityVersion()));
        if (tcbInfo.hasModuleLevels(body)) {
            parts.add(tcbInfo.moduleLevel(body));
        }
        if (parts.stream().anyMatch(Optional::isEmpty)) {
            return refused(
                    TdxRefusal.Code.TCB, "the platform is below every level that Intel names");
        }
        List<TcbLevel> levels = parts.stream().flatMap(Optional::stream).toList();
        TcbStatus status = levels.getFirst().status();
        TreeSet<String> advisories = new TreeSet<>();
        for (TcbLevel level : levels) {
            status = status.with(level.status());
            advisories.addAll(level.advisories());
        }
        return new Result.Rated(
                status,
                levels.getFirst().date(),
                Math.min(tcbInfo.evaluation(), identity.evaluation()),
                List.copyOf(advisories));
    }

    private static Optional<TdxRefusal> fault(TdxRefusal.Code code, String reason) {
        return Optional.of(new TdxRefusal(code, reason));
    }

    private static Result refused(TdxRefusal.Code code, String reason) {
        return new Result.Refused(new TdxRefusal(code, reason));
    }
}
