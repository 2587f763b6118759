// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Validates endorsement certificates, which tell that a key sits in a maker's TPM.
///
/// Source: TCG EK Credential Profile 2.5, section 3.2.
public final class EndorsementCertificates {
    private static final String KEY_PURPOSE = "2.23.133.8.1";
    private static final String ALTERNATIVE_NAME = "2.5.29.17";
    private static final int KEY_ENCIPHERMENT = 2;
    private static final int KEY_AGREEMENT = 4;

    private final ChainValidator validator;
    private final Set<String> denied;

    /// A validator of endorsement certificates.
    ///
    /// @param denied digests of keys that are refused whoever vouches for them, as in
    ///   [TpmIdentity#keyDigest()]
    public EndorsementCertificates(ChainValidator validator, Set<String> denied) {
        this.validator = validator;
        this.denied = Set.copyOf(denied);
    }

    /// Reads a certificate from a TPM's storage, which makers fill up behind it with 0x00 or 0xff.
    public static X509Certificate fromStorage(byte[] contents) throws EvidenceFormatException {
        if (contents.length > Certificates.CERTIFICATE_BYTES_MAX) {
            throw new EvidenceFormatException(
                    "ek certificate: expected at most "
                            + Certificates.CERTIFICATE_BYTES_MAX
                            + " bytes, got "
                            + contents.length);
        }
        int length = DerReader.lengthOfFirst("ek certificate", contents);
        for (int i = length; i < contents.length; i++) {
            if (contents[i] != contents[length] || (contents[i] != 0 && contents[i] != -1)) {
                throw new EvidenceFormatException(
                        "ek certificate: expected only padding from offset " + length);
            }
        }
        return Certificates.certificate(Arrays.copyOf(contents, length));
    }

    /// The key that a certificate is for, whatever it is worth.
    public static PublicKey keyOf(X509Certificate certificate) throws EvidenceFormatException {
        return EndorsementKeys.of(certificate);
    }

    /// Validates an endorsement certificate at the time `at`.
    ///
    /// @param given intermediates that came with it
    public EndorsementResult validate(
            X509Certificate certificate, List<X509Certificate> given, Instant at) {
        PublicKey key;
        TpmNames names;
        try {
            checkUse(certificate);
            key = EndorsementKeys.of(certificate);
            byte @Nullable [] alternative = certificate.getExtensionValue(ALTERNATIVE_NAME);
            if (alternative == null) {
                throw new EvidenceFormatException(
                        "ek certificate: expected the TPM's attributes, got none");
            }
            names = TpmNames.parse(alternative);
        } catch (EvidenceFormatException wrong) {
            return new EndorsementResult.Refused(ChainFault.WRONG_KIND, wrong.getMessage() + "");
        }
        String digest = Certificates.sha256(certificate.getPublicKey().getEncoded());
        if (denied.contains(digest)) {
            return new EndorsementResult.Refused(
                    ChainFault.DENIED, "the endorsement key " + digest + " is on the deny list");
        }
        if (EndorsementKeys.isRoca(key)) {
            return new EndorsementResult.Refused(
                    ChainFault.WEAK_KEY,
                    "the endorsement key comes from a weak generator (CVE-2017-15361)");
        }
        return switch (validator.validate(certificate, given, at)) {
            case ChainResult.Refused(var fault, var reason) ->
                    new EndorsementResult.Refused(fault, reason);
            case ChainResult.Trusted(var path, var origin, var revocation) ->
                    new EndorsementResult.Trusted(
                            new TpmIdentity(
                                    names.manufacturer(),
                                    names.model(),
                                    names.firmware(),
                                    key,
                                    digest,
                                    origin,
                                    revocation,
                                    path));
        };
    }

    private static void checkUse(X509Certificate certificate) throws EvidenceFormatException {
        if (certificate.getVersion() != 3) {
            throw new EvidenceFormatException(
                    "ek certificate: expected version 3, got " + certificate.getVersion());
        }
        if (certificate.getBasicConstraints() >= 0) {
            throw new EvidenceFormatException("ek certificate: expected no authority, got one");
        }
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            if (purposes == null || !purposes.contains(KEY_PURPOSE)) {
                throw new EvidenceFormatException(
                        "ek certificate: expected the purpose "
                                + KEY_PURPOSE
                                + ", got "
                                + (purposes == null ? "none" : "others"));
            }
        } catch (CertificateParsingException _) {
            throw new EvidenceFormatException("ek certificate: expected readable purposes");
        }
        boolean @Nullable [] usage = certificate.getKeyUsage();
        if (usage != null && !usage[KEY_ENCIPHERMENT] && !usage[KEY_AGREEMENT]) {
            throw new EvidenceFormatException(
                    "ek certificate: expected a key for encipherment or agreement");
        }
    }
}
