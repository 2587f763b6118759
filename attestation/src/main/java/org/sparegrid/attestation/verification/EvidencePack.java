// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.verification;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.EndorsementCertificates;
import org.sparegrid.attestation.certificate.TrustAnchors;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.json.JsonReader;
import org.sparegrid.attestation.sev.SnpReport;
import org.sparegrid.attestation.tdx.TdxCollateral;
import org.sparegrid.attestation.tdx.TdxQuote;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Puts the files that tools of AMD and Intel write together into one evidence.
///
/// Each file is known by what it holds: a report or quote, certificates in DER or PEM, a revocation
/// list, an answer of Intel's service. One thread uses it.
public final class EvidencePack {
    private static final String ENDORSEMENT_PURPOSE = "2.23.133.8.1";
    private static final int TDX_HEAD = 8;

    private Optional<Octets> report = Optional.empty();
    private Optional<Octets> quote = Optional.empty();
    private Optional<Octets> tcbInfo = Optional.empty();
    private Optional<Octets> enclaveIdentity = Optional.empty();
    private Optional<X509Certificate> reportKey = Optional.empty();
    private Optional<X509Certificate> collateralSigner = Optional.empty();
    private Optional<X509Certificate> endorsement = Optional.empty();
    private final List<X509Certificate> certificates = new ArrayList<>();
    private final List<X509CRL> lists = new ArrayList<>();

    /// Begins with nothing.
    public EvidencePack() {}

    /// Adds what a file holds.
    ///
    /// @throws EvidenceFormatException if it is nothing that is known, or a second of its kind
    public void add(byte[] file) throws EvidenceFormatException {
        if (isQuote(file)) {
            quote = once("quote", quote, Octets.of(TdxQuote.fromBuffer(file)));
        } else if (file.length == SnpReport.LENGTH && file[0] != '{' && file[0] != 0x30) {
            report = once("report", report, Octets.of(file));
        } else if (file.length > 0 && file[0] == '{') {
            answer(file);
        } else if (file.length > 0 && file[0] == 0x30) {
            der(file);
        } else if (new String(file, ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
            TrustAnchors read = TrustAnchors.ofPem(file, TrustAnchors.Origin.DEVELOPMENT);
            for (X509Certificate each : read.intermediates()) {
                certificate(each);
            }
        } else {
            throw new EvidenceFormatException(
                    "expected a report, a quote, certificates, a revocation list or an answer of"
                            + " Intel's service");
        }
    }

    /// All that was added.
    ///
    /// @throws EvidenceFormatException if something that belongs to it is missing
    public StoredEvidence toEvidence() throws EvidenceFormatException {
        List<StoredEvidence.Part> parts = new ArrayList<>();
        if (report.isPresent()) {
            parts.add(
                    new StoredEvidence.Part.Snp(
                            report.get(),
                            needed(reportKey, "the certificate of the report's VCEK or VLEK")));
        }
        if (quote.isPresent()) {
            parts.add(new StoredEvidence.Part.Tdx(quote.get()));
        }
        if (tcbInfo.isPresent() || enclaveIdentity.isPresent()) {
            parts.add(
                    new StoredEvidence.Part.TdxRating(
                            needed(tcbInfo, "Intel's TCB info"),
                            needed(enclaveIdentity, "Intel's enclave identity"),
                            needed(collateralSigner, "the certificate of Intel SGX TCB Signing")));
        }
        endorsement.ifPresent(each -> parts.add(new StoredEvidence.Part.Endorsement(each)));
        if (parts.isEmpty()) {
            throw new EvidenceFormatException(
                    "expected a report, a quote or an endorsement certificate");
        }
        return new StoredEvidence(parts, certificates, lists);
    }

    private static boolean isQuote(byte[] file) {
        return file.length > TDX_HEAD
                && (file[0] == 4 || file[0] == 5)
                && file[1] == 0
                && file[2] == 2
                && file[3] == 0
                && file[4] == (byte) 0x81;
    }

    private void answer(byte[] file) throws EvidenceFormatException {
        JsonMembers members =
                JsonMembers.of(
                        "answer",
                        JsonReader.object("answer", file, TdxCollateral.ANSWER_BYTES_MAX));
        if (members.has("tcbInfo")) {
            tcbInfo = once("TCB info", tcbInfo, Octets.of(file));
        } else if (members.has("enclaveIdentity")) {
            enclaveIdentity = once("enclave identity", enclaveIdentity, Octets.of(file));
        } else {
            throw new EvidenceFormatException(
                    "answer: expected a member 'tcbInfo' or 'enclaveIdentity'");
        }
    }

    private void der(byte[] file) throws EvidenceFormatException {
        X509Certificate read;
        try {
            read = EndorsementCertificates.fromStorage(file);
        } catch (EvidenceFormatException noCertificate) {
            try {
                lists.add(Certificates.revocationList(file));
                return;
            } catch (EvidenceFormatException noList) {
                throw new EvidenceFormatException(
                        noCertificate.getMessage() + ", nor a list: " + noList.getMessage());
            }
        }
        certificate(read);
    }

    /// A root is left out: evidence cannot make a verifier believe one.
    private void certificate(X509Certificate read) throws EvidenceFormatException {
        String name = Certificates.commonName(read).orElse("");
        if (name.equals("SEV-VCEK") || name.equals("SEV-VLEK")) {
            reportKey = once("certificate of a VCEK or VLEK", reportKey, read);
        } else if (name.equals("Intel SGX TCB Signing")) {
            collateralSigner = once("signer of collateral", collateralSigner, read);
        } else if (isEndorsement(read)) {
            endorsement = once("endorsement certificate", endorsement, read);
        } else if (!read.getIssuerX500Principal().equals(read.getSubjectX500Principal())) {
            certificates.add(read);
        }
    }

    private static boolean isEndorsement(X509Certificate read) {
        try {
            List<String> purposes = read.getExtendedKeyUsage();
            return purposes != null && purposes.contains(ENDORSEMENT_PURPOSE);
        } catch (CertificateParsingException _) {
            return false;
        }
    }

    private static <T> Optional<T> once(String what, Optional<T> before, T read)
            throws EvidenceFormatException {
        if (before.isPresent() && !before.get().equals(read)) {
            throw new EvidenceFormatException("expected one " + what + ", got another");
        }
        return Optional.of(read);
    }

    private static <T> T needed(Optional<T> part, String what) throws EvidenceFormatException {
        return part.orElseThrow(
                () -> new EvidenceFormatException("expected " + what + ", got none"));
    }
}
