// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.ima;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// The log of Linux's integrity measurement architecture. Integers are little-endian.
///
/// ```text
///  size  field of an event
///     4  register
///    20  SHA-1 of the template data; zeros for a violation
///   4+n  name of the template: ima-ng, ima-ngv2, ima-sig, ima-sigv2, ima-modsig or ima-buf
///   4+n  template data: fields, each behind its length of 4 bytes
///
///        first field of the data    name of the hash, ":", 0, digest
///        second field               path, 0
///        further fields             signatures and the like
/// ```
///
/// The template `ima` of kernels before 3.13 is refused: it holds SHA-1 alone.
///
/// Source: Linux, Documentation/security/IMA-templates.rst and security/integrity/ima.
///
/// @param events all events in their order
public record ImaLog(List<ImaEvent> events) {
    /// Longest log that is read: 100,000 files.
    public static final int LENGTH_MAX = 16 << 20;

    /// Where Linux shows the log.
    public static final String LINUX_PATH = "/sys/kernel/security/ima/binary_runtime_measurements";

    private static final int EVENTS_MAX = 200_000;
    private static final int NAME_LENGTH_MAX = 32;
    private static final int DATA_LENGTH_MAX = 1 << 20; // a kernel command line or key
    private static final int FIELD_LENGTH_MAX = 1 << 16;
    private static final List<String> TEMPLATES =
            List.of("ima-ng", "ima-ngv2", "ima-sig", "ima-sigv2", "ima-modsig", "ima-buf");

    /// Copies the list.
    public ImaLog {
        events = List.copyOf(events);
    }

    /// Reads a log in the kernel's binary form.
    ///
    /// @throws EvidenceFormatException if any byte of it is not as specified, or the digest of an
    ///   event is not that of its data
    public static ImaLog parse(byte[] log) throws EvidenceFormatException {
        ByteReader in = ByteReader.littleEndian("ima log", log);
        in.check(log.length <= LENGTH_MAX, "at most " + LENGTH_MAX + " bytes", 0, log.length);
        List<ImaEvent> events = new ArrayList<>();
        while (in.remaining() > 0) {
            in.check(
                    events.size() < EVENTS_MAX,
                    "at most " + EVENTS_MAX + " events",
                    in.offset(),
                    events.size());
            events.add(readEvent(in));
        }
        return new ImaLog(events);
    }

    private static ImaEvent readEvent(ByteReader in) throws EvidenceFormatException {
        int at = in.offset();
        long register = in.u32();
        in.check(register < PcrSelection.REGISTERS, "a register up to 23", at, register);
        int digestAt = in.offset();
        Octets digest = Octets.of(in.bytes(HashAlgorithm.SHA1.lengthBytes()));
        int templateAt = in.offset();
        String template = new String(in.sized32(NAME_LENGTH_MAX), StandardCharsets.ISO_8859_1);
        if (!TEMPLATES.contains(template)) {
            throw in.malformed("a template of " + TEMPLATES, templateAt, "another");
        }
        byte[] data = in.sized32(DATA_LENGTH_MAX);
        ImaEvent event = readData((int) register, digest, template, data);
        if (!event.violation() && !Octets.of(HashAlgorithm.SHA1.hash(data)).equals(digest)) {
            throw in.malformed("the digest of the data", digestAt, digest.toString());
        }
        return event;
    }

    private static ImaEvent readData(int register, Octets digest, String template, byte[] data)
            throws EvidenceFormatException {
        ByteReader in = ByteReader.littleEndian("ima log's template data", data);
        byte[] hashed = in.sized32(FIELD_LENGTH_MAX);
        byte[] path = in.sized32(FIELD_LENGTH_MAX);
        while (in.remaining() > 0) {
            in.skip(in.u32());
        }
        int end = 0;
        while (end < hashed.length && hashed[end] != 0) {
            end++;
        }
        in.check(
                end > 1 && end < hashed.length && hashed[end - 1] == ':',
                "name of a hash, colon and zero",
                4,
                end);
        in.check(
                path.length > 0 && path[path.length - 1] == 0,
                "a path that ends in zero",
                8 + hashed.length,
                path.length);
        return new ImaEvent(
                register,
                digest,
                template,
                Octets.of(data),
                new String(hashed, 0, end - 1, StandardCharsets.ISO_8859_1),
                Octets.of(Arrays.copyOfRange(hashed, end + 1, hashed.length)),
                new String(path, 0, path.length - 1, StandardCharsets.UTF_8));
    }

    /// The value that a register has if the log is true and begins with the machine's start.
    public Octets replay(int register, HashAlgorithm bank) {
        byte[] value = new byte[bank.lengthBytes()];
        for (ImaEvent event : events) {
            if (event.register() == register) {
                value = bank.hash(value, event.extended(bank).toBytes());
            }
        }
        return Octets.of(value);
    }

    /// The number of events after which a register had a value that was quoted, or -1.
    ///
    /// The log grows while it is read, so it may hold more than the quote covers.
    public int eventsUntil(int register, HashAlgorithm bank, Octets quoted) {
        byte[] value = new byte[bank.lengthBytes()];
        for (int i = 0; i < events.size(); i++) {
            if (Octets.of(value).equals(quoted)) {
                return i;
            }
            if (events.get(i).register() == register) {
                value = bank.hash(value, events.get(i).extended(bank).toBytes());
            }
        }
        return Octets.of(value).equals(quoted) ? events.size() : -1;
    }
}
