// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// All that an agent shows for one lease at one moment. Nothing in it is believed before
/// [EvidenceVerifier] has looked at it.
///
/// Source: docs/protocol/attestation.md, section 4.
///
/// @param terms what the agent says it runs
/// @param overlayKey public key of the machine in the overlay
/// @param salt of this lease's entries in the lease log
/// @param endorsementCertificates the endorsement key's certificate first, then intermediates, DER
/// @param endorsementKey bytes of its public area
/// @param leaseKey bytes of the lease key's public area
/// @param quote what the lease key signed
/// @param registers values of the quoted registers
/// @param bootLog as firmware left it; empty if there is none
/// @param leaseLog bytes of the lease log
/// @param attachments reports of the processor and what proves them, each as its own kind says
public record Evidence(
        LeaseTerms terms,
        Octets overlayKey,
        Octets salt,
        List<Octets> endorsementCertificates,
        Octets endorsementKey,
        Octets leaseKey,
        SignedQuote quote,
        PcrValues registers,
        Octets bootLog,
        Octets leaseLog,
        List<Attachment> attachments) {
    /// Longest evidence that is read.
    public static final int LENGTH_MAX = 16 << 20;

    private static final String TITLE = "SGRID-EVIDENCE";
    private static final int CERTIFICATES_MAX = 8;
    private static final int CERTIFICATE_LENGTH_MAX = 8192;
    private static final int ATTACHMENTS_MAX = 16;
    private static final int ATTACHMENT_LENGTH_MAX = 1 << 20;
    private static final int REGISTERS_LENGTH_MAX = 2 + PcrSelection.REGISTERS * (1 + 32);

    /// Something that this library's other packages read.
    ///
    /// @param kind what it is: 1 = SEV-SNP report, 2 = TDX quote, 3 = certificate, 4 = revocation
    ///   list, 5 = Intel's collateral, 6 = log of a confidential guest
    /// @param bytes the thing itself
    public record Attachment(int kind, Octets bytes) {
        /// Refuses kinds without a meaning.
        public Attachment {
            if (kind < 1 || kind > 6) {
                throw new IllegalArgumentException("attachment: expected kind 1 to 6, got " + kind);
            }
        }
    }

    /// Copies the lists and refuses parts of another length.
    public Evidence {
        LeaseTerms.need("overlay key", overlayKey, LeaseTerms.DIGEST_LENGTH);
        LeaseTerms.need("salt", salt, LeaseTerms.DIGEST_LENGTH);
        if (registers.bank() != HashAlgorithm.SHA256) {
            throw new IllegalArgumentException("evidence: expected registers of SHA-256");
        }
        endorsementCertificates = List.copyOf(endorsementCertificates);
        attachments = List.copyOf(attachments);
    }

    /// What the entries of this lease in the lease log are about.
    public LeaseSubject subject() {
        return new LeaseSubject(salt, terms, overlayKey);
    }

    /// SHA-256 of the encoding: what the agent shows to have had when it opens the buyer's secret.
    public Octets digest() {
        return Octets.of(HashAlgorithm.SHA256.hash(toBytes()));
    }

    /// The one encoding of this evidence.
    public byte[] toBytes() {
        ByteWriter values = new ByteWriter().u16(registers.bank().id());
        registers.values().forEach((register, value) -> values.u8(register).bytes(value.toBytes()));
        return new Fields.Writer(TITLE)
                .field(1, terms.toBytes())
                .field(2, overlayKey)
                .field(3, salt)
                .field(4, list(endorsementCertificates))
                .field(5, endorsementKey)
                .field(6, leaseKey)
                .field(7, quote.attestation())
                .field(8, quote.signature())
                .field(9, values.toBytes())
                .field(10, bootLog)
                .field(11, leaseLog)
                .field(12, attached(attachments))
                .toBytes();
    }

    private static byte[] list(List<Octets> items) {
        ByteWriter out = new ByteWriter();
        items.forEach(item -> out.sized32(item.toBytes()));
        return out.toBytes();
    }

    private static byte[] attached(List<Attachment> items) {
        ByteWriter out = new ByteWriter();
        items.forEach(item -> out.u8(item.kind()).sized32(item.bytes().toBytes()));
        return out.toBytes();
    }

    /// Reads the one evidence that fills `bytes`.
    ///
    /// @throws EvidenceFormatException if any byte of it is not as specified
    public static Evidence parse(byte[] bytes) throws EvidenceFormatException {
        Fields.Reader in = new Fields.Reader(TITLE, bytes, LENGTH_MAX);
        Evidence evidence =
                new Evidence(
                        LeaseTerms.parse(in.field(1, 256)),
                        in.exactly(2, LeaseTerms.DIGEST_LENGTH),
                        in.exactly(3, LeaseTerms.DIGEST_LENGTH),
                        certificates(in.field(4, CERTIFICATES_MAX * (CERTIFICATE_LENGTH_MAX + 4))),
                        Octets.of(in.field(5, PublicArea.LENGTH_MAX)),
                        Octets.of(in.field(6, PublicArea.LENGTH_MAX)),
                        new SignedQuote(Octets.of(in.field(7, 1024)), Octets.of(in.field(8, 1024))),
                        values(in.field(9, REGISTERS_LENGTH_MAX)),
                        Octets.of(in.field(10, LENGTH_MAX)),
                        Octets.of(in.field(11, LeaseLog.LENGTH_MAX)),
                        attachments(in.field(12, LENGTH_MAX)));
        in.end();
        return evidence;
    }

    private static List<Octets> certificates(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("certificates", bytes);
        List<Octets> list = new ArrayList<>();
        while (in.remaining() > 0) {
            in.check(
                    list.size() < CERTIFICATES_MAX,
                    "at most " + CERTIFICATES_MAX + " certificates",
                    in.offset(),
                    list.size());
            list.add(Octets.of(in.sized32(CERTIFICATE_LENGTH_MAX)));
        }
        return list;
    }

    private static List<Attachment> attachments(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("attachments", bytes);
        List<Attachment> list = new ArrayList<>();
        while (in.remaining() > 0) {
            int at = in.offset();
            in.check(
                    list.size() < ATTACHMENTS_MAX,
                    "at most " + ATTACHMENTS_MAX + " attachments",
                    at,
                    list.size());
            int kind = in.u8();
            in.check(kind >= 1 && kind <= 6, "kind 1 to 6", at, kind);
            list.add(new Attachment(kind, Octets.of(in.sized32(ATTACHMENT_LENGTH_MAX))));
        }
        return list;
    }

    private static PcrValues values(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("registers", bytes);
        int bank = in.u16();
        in.check(bank == HashAlgorithm.SHA256.id(), "the bank of SHA-256", 0, bank);
        SortedMap<Integer, Octets> values = new TreeMap<>();
        while (in.remaining() > 0) {
            int at = in.offset();
            int register = in.u8();
            in.check(
                    register < PcrSelection.REGISTERS
                            && (values.isEmpty() || register > values.lastKey()),
                    "rising registers up to 23",
                    at,
                    register);
            values.put(register, Octets.of(in.bytes(32)));
        }
        return new PcrValues(HashAlgorithm.SHA256, values);
    }
}
