// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What an agent has run since its computer started. Each entry is extended into register 15, so an
/// entry can be neither taken back nor left out. Other buyers' entries show nothing but a hash.
///
/// ```text
///  offset  size  field of an entry
///       0     1  kind      1 = agent started, 2 = machine started, 3 = machine stopped
///       1     8  sequence  from 0, rising by one
///       9    32  subject   hash of what it is about, see [LeaseSubject]
/// ```
///
/// The log is its entries one after the other; all integers are big-endian.
///
/// @param entries all entries in their order
public record LeaseLog(List<Entry> entries) {
    /// The register that the log is extended into. Software cannot reset it.
    public static final int REGISTER = 15;

    /// Longest log that is read.
    public static final int LENGTH_MAX = 1 << 20;

    private static final int ENTRY_LENGTH = 41;

    /// What happened.
    public enum Kind {
        /// The agent started.
        AGENT_STARTED(1),
        /// A machine is about to run.
        MACHINE_STARTED(2),
        /// A machine has ended.
        MACHINE_STOPPED(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        static Kind read(ByteReader in) throws EvidenceFormatException {
            int at = in.offset();
            int code = in.u8();
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw in.malformed("kind 1, 2 or 3", at, String.valueOf(code));
        }
    }

    /// Something that happened.
    ///
    /// @param kind what
    /// @param sequence its place in the log
    /// @param subject hash of what it is about, 32 bytes
    public record Entry(Kind kind, long sequence, Octets subject) {
        /// Refuses a subject of another length.
        public Entry {
            LeaseTerms.need("subject", subject, LeaseTerms.DIGEST_LENGTH);
        }

        private void write(ByteWriter out) {
            out.u8(kind.code).u64(sequence).bytes(subject.toBytes());
        }

        /// What is extended into the register.
        public Octets digest() {
            ByteWriter out = new ByteWriter();
            write(out);
            return Octets.of(HashAlgorithm.SHA256.hash(out.toBytes()));
        }
    }

    /// Refuses a log whose sequence has a gap.
    public LeaseLog {
        entries = List.copyOf(entries);
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).sequence() != i) {
                throw new IllegalArgumentException(
                        "lease log: expected sequence " + i + ", got " + entries.get(i).sequence());
            }
        }
    }

    /// A log of a computer on which nothing has happened.
    public static LeaseLog empty() {
        return new LeaseLog(List.of());
    }

    /// Reads a log.
    ///
    /// @throws EvidenceFormatException also if an entry is missing, doubled or out of order
    public static LeaseLog parse(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("lease log", bytes);
        in.check(bytes.length <= LENGTH_MAX, "at most " + LENGTH_MAX + " bytes", 0, bytes.length);
        List<Entry> entries = new ArrayList<>();
        while (in.remaining() > 0) {
            Kind kind = Kind.read(in);
            int at = in.offset();
            long sequence = in.u64();
            in.check(sequence == entries.size(), "sequence " + entries.size(), at, sequence);
            entries.add(new Entry(kind, sequence, Octets.of(in.bytes(LeaseTerms.DIGEST_LENGTH))));
        }
        return new LeaseLog(entries);
    }

    /// The bytes that [#parse] reads.
    public byte[] toBytes() {
        ByteWriter out = new ByteWriter();
        entries.forEach(entry -> entry.write(out));
        return out.toBytes();
    }

    /// The log with one more entry.
    ///
    /// @throws IllegalStateException if it is full; the computer has to restart
    public LeaseLog with(Kind kind, Octets subject) {
        if ((entries.size() + 1) * ENTRY_LENGTH > LENGTH_MAX) {
            throw new IllegalStateException(
                    "lease log: expected less than " + LENGTH_MAX + " bytes");
        }
        List<Entry> more = new ArrayList<>(entries);
        more.add(new Entry(kind, entries.size(), subject));
        return new LeaseLog(more);
    }

    /// The value of the register if this is all that was ever extended into it.
    public Octets register() {
        byte[] value = new byte[HashAlgorithm.SHA256.lengthBytes()];
        for (Entry entry : entries) {
            value = HashAlgorithm.SHA256.hash(value, entry.digest().toBytes());
        }
        return Octets.of(value);
    }

    /// SHA-256 of the whole log, as a [Binding] holds it.
    public Octets digest() {
        return Octets.of(HashAlgorithm.SHA256.hash(toBytes()));
    }

    /// Number of entries of a kind about a subject.
    public long count(Kind kind, Octets subject) {
        return entries.stream()
                .filter(entry -> entry.kind() == kind && entry.subject().equals(subject))
                .count();
    }

    /// Number of machines that have started and not stopped. An agent that starts again writes down
    /// which of them have ended meanwhile.
    public long running() {
        return entries.stream().filter(entry -> entry.kind() == Kind.MACHINE_STARTED).count()
                - entries.stream().filter(entry -> entry.kind() == Kind.MACHINE_STOPPED).count();
    }
}
