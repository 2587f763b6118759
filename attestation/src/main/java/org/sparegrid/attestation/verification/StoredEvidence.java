// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.verification;

import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.json.JsonReader;
import org.sparegrid.attestation.json.JsonValue;
import org.sparegrid.attestation.json.JsonWriter;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.tpm.Credential;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Evidence in a file: reports of processors with the certificates and lists to check them by.
///
/// Everything in it comes from the seller and is believed only as far as it can be checked.
///
/// Source: docs/protocol/attestation-policy.md, section 3.
///
/// @param parts what is to be verified; one of a kind
/// @param certificates that complete chains; a root among them is not believed
/// @param lists revocation lists
public record StoredEvidence(
        List<Part> parts, List<X509Certificate> certificates, List<X509CRL> lists) {
    /// Longest evidence read.
    public static final int LENGTH_BYTES_MAX = 16 * 1024 * 1024;

    private static final String NAME = "evidence";
    private static final int VERSION = 1;
    private static final int CERTIFICATES_MAX = 32;
    private static final int LISTS_MAX = 16;

    public StoredEvidence {
        parts = List.copyOf(parts);
        certificates = List.copyOf(certificates);
        lists = List.copyOf(lists);
    }

    /// One thing that can be verified.
    public sealed interface Part {
        /// A report of AMD's processor with the certificate of the key that signed it.
        record Snp(Octets report, X509Certificate certificate) implements Part {}

        /// A quote of Intel's platform.
        record Tdx(Octets quote) implements Part {}

        /// Intel's rating of platforms: two answers of its service.
        ///
        /// @param signer certificate of the signer of both
        record TdxRating(Octets tcbInfo, Octets enclaveIdentity, X509Certificate signer)
                implements Part {}

        /// A TPM's endorsement certificate.
        record Endorsement(X509Certificate certificate) implements Part {}

        /// A computer's evidence for one lease, with what its buyer asked.
        ///
        /// @param terms what he asked for
        /// @param sequence number of the quote, 0 for the one before the machine ran
        /// @param nonce what he made up for this quote
        /// @param challenge his challenge to the TPM, if he keeps it
        record Lease(
                Evidence evidence,
                LeaseTerms terms,
                long sequence,
                Octets nonce,
                Optional<JoinSecret.Grant> challenge)
                implements Part {}
    }

    /// Reads the one evidence that fills `bytes`.
    ///
    /// @throws EvidenceFormatException if a member is missing, unknown or not as specified
    public static StoredEvidence read(byte[] bytes) throws EvidenceFormatException {
        JsonMembers all = JsonMembers.of(NAME, JsonReader.object(NAME, bytes, LENGTH_BYTES_MAX));
        all.number("version", VERSION, VERSION);
        List<Part> parts = new ArrayList<>();
        Optional<JsonMembers> snp = all.optionalMembers("snp");
        if (snp.isPresent()) {
            parts.add(
                    new Part.Snp(blob(snp.get(), "report"), certificate(snp.get(), "certificate")));
            snp.get().end();
        }
        Optional<JsonMembers> tdx = all.optionalMembers("tdx");
        if (tdx.isPresent()) {
            parts.add(new Part.Tdx(blob(tdx.get(), "quote")));
            if (tdx.get().has("tcbInfo")) {
                parts.add(
                        new Part.TdxRating(
                                blob(tdx.get(), "tcbInfo"),
                                blob(tdx.get(), "enclaveIdentity"),
                                certificate(tdx.get(), "signer")));
            }
            tdx.get().end();
        }
        Optional<JsonMembers> tpm = all.optionalMembers("tpm");
        if (tpm.isPresent()) {
            parts.add(new Part.Endorsement(certificate(tpm.get(), "endorsementCertificate")));
            tpm.get().end();
        }
        Optional<JsonMembers> lease = all.optionalMembers("lease");
        if (lease.isPresent()) {
            parts.add(lease(lease.get()));
            lease.get().end();
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (Octets der : blobs(all, "certificates", CERTIFICATES_MAX)) {
            certificates.add(Certificates.certificate(der.toBytes()));
        }
        List<X509CRL> lists = new ArrayList<>();
        for (Octets der : blobs(all, "revocationLists", LISTS_MAX)) {
            lists.add(Certificates.revocationList(der.toBytes()));
        }
        all.end();
        return new StoredEvidence(parts, certificates, lists);
    }

    /// The evidence as [#read] reads it.
    public String write() {
        SequencedMap<String, JsonValue> all = new LinkedHashMap<>();
        all.put("version", new JsonValue.JsonNumber(VERSION));
        SequencedMap<String, JsonValue> tdx = new LinkedHashMap<>();
        for (Part part : parts) {
            switch (part) {
                case Part.Snp(var report, var certificate) ->
                        all.put(
                                "snp",
                                object("report", report, "certificate", encoded(certificate)));
                case Part.Tdx(var quote) -> tdx.put("quote", text(quote));
                case Part.TdxRating(var tcbInfo, var identity, var signer) -> {
                    tdx.put("tcbInfo", text(tcbInfo));
                    tdx.put("enclaveIdentity", text(identity));
                    tdx.put("signer", text(encoded(signer)));
                }
                case Part.Endorsement(var certificate) ->
                        all.put("tpm", object("endorsementCertificate", encoded(certificate)));
                case Part.Lease lease -> all.put("lease", lease(lease));
            }
        }
        if (!tdx.isEmpty()) {
            all.put("tdx", JsonWriter.object(tdx));
        }
        all.put(
                "certificates",
                new JsonValue.JsonArray(
                        certificates.stream().map(each -> text(encoded(each))).toList()));
        all.put(
                "revocationLists",
                new JsonValue.JsonArray(lists.stream().map(StoredEvidence::list).toList()));
        return JsonWriter.write(JsonWriter.object(all));
    }

    private static Part.Lease lease(JsonMembers in) throws EvidenceFormatException {
        Optional<JoinSecret.Grant> challenge =
                in.has("seed")
                        ? Optional.of(
                                new JoinSecret.Grant(
                                        new Credential(blob(in, "credential"), Octets.EMPTY),
                                        Secret.of(blob(in, "seed").toBytes()),
                                        new JoinSecret(Secret.of(blob(in, "secret").toBytes()))))
                        : Optional.empty();
        return new Part.Lease(
                Evidence.parse(blob(in, "evidence").toBytes()),
                LeaseTerms.parse(blob(in, "terms").toBytes()),
                in.number("sequence", 0, Integer.MAX_VALUE),
                blob(in, "nonce"),
                challenge);
    }

    private static JsonValue lease(Part.Lease lease) {
        SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
        members.put("terms", text(Octets.of(lease.terms().toBytes())));
        members.put("sequence", new JsonValue.JsonNumber(lease.sequence()));
        members.put("nonce", text(lease.nonce()));
        members.put("evidence", text(Octets.of(lease.evidence().toBytes())));
        lease.challenge()
                .ifPresent(challenge -> {
                    members.put("credential", text(challenge.credential().blob()));
                    members.put("seed", text(Octets.of(challenge.seed().toBytes())));
                    members.put("secret", text(Octets.of(challenge.secret().secret().toBytes())));
                });
        return JsonWriter.object(members);
    }

    private static JsonValue list(X509CRL list) {
        try {
            return text(Octets.of(list.getEncoded()));
        } catch (java.security.cert.CRLException impossible) {
            throw new IllegalStateException("a parsed list has its DER", impossible);
        }
    }

    private static Octets encoded(X509Certificate certificate) {
        try {
            return Octets.of(certificate.getEncoded());
        } catch (java.security.cert.CertificateEncodingException impossible) {
            throw new IllegalStateException("a parsed certificate has its DER", impossible);
        }
    }

    private static JsonValue object(Object... namesAndBlobs) {
        SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndBlobs.length; i += 2) {
            members.put((String) namesAndBlobs[i], text((Octets) namesAndBlobs[i + 1]));
        }
        return JsonWriter.object(members);
    }

    private static JsonValue text(Octets blob) {
        return new JsonValue.JsonText(
                Base64.getUrlEncoder().withoutPadding().encodeToString(blob.toBytes()));
    }

    private static X509Certificate certificate(JsonMembers members, String name)
            throws EvidenceFormatException {
        return Certificates.certificate(blob(members, name).toBytes());
    }

    private static Octets blob(JsonMembers members, String name) throws EvidenceFormatException {
        return decoded(members, name, members.text(name));
    }

    private static List<Octets> blobs(JsonMembers members, String name, int countMax)
            throws EvidenceFormatException {
        List<Octets> all = new ArrayList<>();
        if (members.has(name)) {
            for (String text : members.texts(name, 0, countMax)) {
                all.add(decoded(members, name, text));
            }
        }
        return all;
    }

    private static Octets decoded(JsonMembers members, String name, String text)
            throws EvidenceFormatException {
        try {
            return Octets.of(Base64.getUrlDecoder().decode(text));
        } catch (IllegalArgumentException _) {
            throw members.wrong(name, "base64url without padding", "another text");
        }
    }
}
