// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Reads boot logs. Integers are little-endian.
///
/// ```text
///  size  field of a SHA-1 event     size  field of a crypto agile event
///     4  register                      4  register
///     4  type                          4  type
///    20  digest                        4  number of digests
///     4  length of the data          2+n  hash and digest, so many times
///     n  data                          4  length of the data
///                                      n  data
///
///  offset  size  data of the first event of a crypto agile log, which is a SHA-1 event
///       0    16  "Spec ID Event03", 0
///      16     4  platform class
///      20     4  minor, major version, errata, size of a pointer
///      24     4  number of hashes
///      28   2+2  hash and length of its digest, so many times
///       n   1+n  vendor's data behind its length
/// ```
///
/// Source: TCG PC Client Platform Firmware Profile 1.05, section 10.
final class BootLogReader {
    private static final int HASHES_MAX = 8;
    private static final int DIGEST_LENGTH_MAX = 64;
    private static final int EVENTS_MAX = 20_000; // 200 times as many as in real logs
    private static final long NO_REGISTER = 0xffff_ffffL; // of notes of newer firmware
    private static final int CONFIDENTIAL_REGISTER_MAX = 4;
    private static final int SPEC_ID_LENGTH_MIN = 28;
    private static final String SPEC_ID_1 = "Spec ID Event00";
    private static final String SPEC_ID_AGILE = "Spec ID Event03";
    private static final String STARTUP_LOCALITY = "StartupLocality";
    private static final Set<Integer> LOCALITIES = Set.of(0, 3, 4);

    private final ByteReader in;
    private final int registerMax;
    private final List<BootEvent> events = new ArrayList<>();

    /// Length of the digest by number of the hash; empty in a SHA-1 log.
    private final Map<Integer, Integer> digestLengths = new LinkedHashMap<>();

    private int startupLocality;

    private BootLogReader(byte[] log, int registerMax) {
        this.in = ByteReader.littleEndian("boot log", log);
        this.registerMax = registerMax;
    }

    static BootLog tpm(byte[] log) throws EvidenceFormatException {
        BootLogReader reader = new BootLogReader(log, PcrSelection.REGISTERS - 1);
        reader.readFirst(log.length);
        while (reader.in.remaining() > 0) {
            reader.readEvent();
        }
        return reader.finish();
    }

    static BootLog confidential(byte[] log) throws EvidenceFormatException {
        int end = log.length;
        while (end > 0 && log[end - 1] == (byte) 0xff) {
            end--;
        }
        BootLogReader reader = new BootLogReader(log, CONFIDENTIAL_REGISTER_MAX);
        reader.readFirst(log.length);
        if (reader.digestLengths.isEmpty()) {
            throw reader.in.malformed("a crypto agile log", 0, "one of SHA-1");
        }
        while (reader.in.offset() < end) { // an event may itself end in such bytes
            reader.readEvent();
        }
        return reader.finish();
    }

    private BootLog finish() {
        Set<HashAlgorithm> banks = EnumSet.noneOf(HashAlgorithm.class);
        if (digestLengths.isEmpty()) {
            banks.add(HashAlgorithm.SHA1);
        }
        for (int id : digestLengths.keySet()) {
            HashAlgorithm.of(id).ifPresent(banks::add);
        }
        return new BootLog(banks, startupLocality, events);
    }

    private void readFirst(int length) throws EvidenceFormatException {
        in.check(
                length <= BootLog.LENGTH_MAX,
                "at most " + BootLog.LENGTH_MAX + " bytes",
                0,
                length);
        int register = register();
        long type = type(register);
        Octets digest = Octets.of(in.bytes(HashAlgorithm.SHA1.lengthBytes()));
        byte[] data = in.sized32(BootLog.LENGTH_MAX);
        BootEvent first =
                new BootEvent(register, type, Map.of(HashAlgorithm.SHA1, digest), Octets.of(data));
        if (first.extended()) {
            events.add(first);
            return;
        }
        if (startsWith(data, SPEC_ID_AGILE)) {
            readSpecification(data);
        } else {
            in.check(
                    data.length < SPEC_ID_LENGTH_MIN || startsWith(data, SPEC_ID_1),
                    "a known log format",
                    0,
                    data.length);
            events.add(first);
        }
    }

    private void readSpecification(byte[] data) throws EvidenceFormatException {
        ByteReader spec = ByteReader.littleEndian("boot log's first event", data);
        spec.skip(SPEC_ID_LENGTH_MIN - 4);
        long count = spec.u32();
        spec.check(
                count >= 1 && count <= HASHES_MAX,
                "1 to " + HASHES_MAX + " hashes",
                SPEC_ID_LENGTH_MIN - 4,
                count);
        for (int i = 0; i < count; i++) {
            int at = spec.offset();
            int id = spec.u16();
            int length = spec.u16();
            int expected =
                    HashAlgorithm.of(id)
                            .map(HashAlgorithm::lengthBytes)
                            .orElse(Math.clamp(length, 1, DIGEST_LENGTH_MAX));
            spec.check(length == expected, "digests of " + expected + " bytes", at + 2, length);
            spec.check(digestLengths.put(id, length) == null, "each hash once", at, id);
        }
        spec.skip(spec.u8());
        spec.end();
    }

    private void readEvent() throws EvidenceFormatException {
        int at = in.offset();
        in.check(events.size() < EVENTS_MAX, "at most " + EVENTS_MAX + " events", at, EVENTS_MAX);
        int register = register();
        long type = type(register);
        Map<HashAlgorithm, Octets> digests =
                digestLengths.isEmpty()
                        ? Map.of(
                                HashAlgorithm.SHA1,
                                Octets.of(in.bytes(HashAlgorithm.SHA1.lengthBytes())))
                        : readDigests();
        byte[] data = in.sized32(BootLog.LENGTH_MAX);
        if (type == BootEvent.NO_ACTION && startsWith(data, STARTUP_LOCALITY)) {
            readLocality(register, data, at);
        }
        events.add(new BootEvent(register, type, digests, Octets.of(data)));
    }

    private int register() throws EvidenceFormatException {
        int at = in.offset();
        long register = in.u32();
        if (register == NO_REGISTER) {
            return BootEvent.NO_REGISTER;
        }
        if (register > registerMax) {
            throw in.malformed(
                    "a register up to " + registerMax, at, "0x" + Long.toHexString(register));
        }
        return (int) register;
    }

    private long type(int register) throws EvidenceFormatException {
        int at = in.offset();
        long type = in.u32();
        in.check(
                register != BootEvent.NO_REGISTER || type == BootEvent.NO_ACTION,
                "a note, which has no register",
                at,
                type);
        return type;
    }

    private Map<HashAlgorithm, Octets> readDigests() throws EvidenceFormatException {
        int at = in.offset();
        long count = in.u32();
        if (count < 1 || count > digestLengths.size()) {
            throw in.malformed(
                    "1 to " + digestLengths.size() + " digests",
                    at,
                    "0x" + Long.toHexString(count));
        }
        Map<HashAlgorithm, Octets> digests = new EnumMap<>(HashAlgorithm.class);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int hashAt = in.offset();
            int id = in.u16();
            Integer length = digestLengths.get(id);
            if (length == null || !seen.add(id)) {
                throw in.malformed(
                        "each hash of the first event once",
                        hashAt,
                        "0x" + Integer.toHexString(id));
            }
            Octets digest = Octets.of(in.bytes(length));
            HashAlgorithm.of(id).ifPresent(hash -> digests.put(hash, digest));
        }
        return digests;
    }

    /// A note that the TPM was started by hardware, before the processor ran its first code.
    private void readLocality(int register, byte[] data, int at) throws EvidenceFormatException {
        in.check(
                data.length == STARTUP_LOCALITY.length() + 2,
                "a locality of one byte",
                at,
                data.length);
        int locality = data[data.length - 1];
        in.check(LOCALITIES.contains(locality), "locality 0, 3 or 4", at, locality);
        boolean late =
                register != 0
                        || events.stream()
                                .anyMatch(event -> event.extended() && event.register() == 0);
        in.check(!late, "the locality before register 0 is extended", at, register);
        startupLocality = locality;
    }

    private static boolean startsWith(byte[] data, String text) {
        byte[] signature =
                Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), text.length() + 1);
        return data.length > signature.length
                && Arrays.equals(data, 0, signature.length, signature, 0, signature.length);
    }
}
