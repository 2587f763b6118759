// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.ChainResult;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.EcdsaKey;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A key that signs reports, as AMD's certificate for it says, believed down to the root.
///
/// One endorsement checks any number of reports of the same chip and firmware.
///
/// @param kind of the chip (VCEK) or leased to an operator (VLEK)
/// @param tcb firmware versions that the key is bound to
/// @param chipId the chip's number, if the certificate has one
/// @param path from the certificate to the root
public record SnpEndorsement(
        SnpSigningKey kind,
        SnpProduct product,
        SnpTcb tcb,
        Optional<Octets> chipId,
        EcdsaKey key,
        List<X509Certificate> path,
        ChainResult.Revocation revocation) {
    public SnpEndorsement {
        path = List.copyOf(path);
    }

    /// What came of validating a certificate.
    public sealed interface Result {
        /// The certificate is believed.
        record Trusted(SnpEndorsement endorsement) implements Result {}

        /// The certificate is not believed.
        record Refused(SnpRefusal refusal) implements Result {}
    }

    /// Validates the certificate of a VCEK or VLEK at the time `at`.
    ///
    /// @param validator with AMD's roots
    /// @param given intermediates that came with the evidence
    public static Result validate(
            ChainValidator validator,
            X509Certificate certificate,
            List<X509Certificate> given,
            Instant at) {
        return switch (validator.validate(certificate, given, at)) {
            case ChainResult.Refused(var fault, var reason) ->
                    refused(SnpRefusal.Code.CHAIN, fault + ": " + reason);
            case ChainResult.Trusted trusted -> of(certificate, trusted);
        };
    }

    private static Result of(X509Certificate certificate, ChainResult.Trusted trusted) {
        SnpExtensions extensions;
        try {
            extensions = SnpExtensions.of(certificate);
        } catch (EvidenceFormatException wrong) {
            return refused(SnpRefusal.Code.FORMAT, wrong.getMessage() + "");
        }
        Optional<EcdsaKey> key =
                EcdsaKey.of(certificate.getPublicKey())
                        .filter(any -> any.curve() == EcdsaKey.Curve.P384);
        if (key.isEmpty()) {
            return refused(SnpRefusal.Code.CHAIN, "the certificate has no key on P-384");
        }
        String product = extensions.product().id();
        String issuer = extensions.kind() == SnpSigningKey.VCEK ? "SEV-" : "SEV-VLEK-";
        boolean rightIssuer =
                isNamed(trusted.path().get(1), issuer + product)
                        && isNamed(trusted.root(), "ARK-" + product);
        if (trusted.path().size() != 3 || !rightIssuer) {
            return refused(
                    SnpRefusal.Code.CHAIN,
                    "a "
                            + extensions.kind()
                            + " of "
                            + product
                            + " has to come from "
                            + issuer
                            + product
                            + " under ARK-"
                            + product);
        }
        return new Result.Trusted(
                new SnpEndorsement(
                        extensions.kind(),
                        extensions.product(),
                        extensions.tcb(),
                        extensions.chipId(),
                        key.get(),
                        trusted.path(),
                        trusted.revocation()));
    }

    private static boolean isNamed(X509Certificate certificate, String name) {
        return Certificates.commonName(certificate).filter(name::equals).isPresent();
    }

    private static Result refused(SnpRefusal.Code code, String reason) {
        return new Result.Refused(new SnpRefusal(code, reason));
    }
}
