// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// The encoding of everything that is hashed or signed: a title, then fields in the order of their
/// tags. There is one encoding of a value, so that a hash of it means the value.
///
/// ```text
///  size  field
///     n  title in ASCII
///     1  version, 1
///     2  tag   \
///     4  length > for each field; big-endian
///     n  bytes /
/// ```
final class Fields {
    private static final int VERSION = 1;

    private Fields() {}

    static final class Writer {
        private final ByteWriter out = new ByteWriter();

        Writer(String title) {
            out.bytes(title.getBytes(StandardCharsets.US_ASCII)).u8(VERSION);
        }

        Writer field(int tag, byte[] bytes) {
            out.u16(tag).sized32(bytes);
            return this;
        }

        Writer field(int tag, Octets bytes) {
            return field(tag, bytes.toBytes());
        }

        byte[] toBytes() {
            return out.toBytes();
        }
    }

    static final class Reader {
        private final ByteReader in;

        Reader(String title, byte[] bytes, int lengthMax) throws EvidenceFormatException {
            in = ByteReader.bigEndian(title, bytes);
            in.check(bytes.length <= lengthMax, "at most " + lengthMax + " bytes", 0, bytes.length);
            byte[] wanted = title.getBytes(StandardCharsets.US_ASCII);
            if (!Arrays.equals(in.bytes(wanted.length), wanted)) {
                throw in.malformed("this title", 0, "another");
            }
            int version = in.u8();
            in.check(version == VERSION, "version 1", wanted.length, version);
        }

        /// The field that has to come now.
        byte[] field(int tag, int lengthMax) throws EvidenceFormatException {
            int at = in.offset();
            int found = in.u16();
            in.check(found == tag, "field " + tag, at, found);
            return in.sized32(lengthMax);
        }

        /// The same for a field of fixed length.
        Octets exactly(int tag, int length) throws EvidenceFormatException {
            int at = in.offset();
            byte[] bytes = field(tag, length);
            in.check(bytes.length == length, length + " bytes", at, bytes.length);
            return Octets.of(bytes);
        }

        int offset() {
            return in.offset();
        }

        EvidenceFormatException malformed(String expected, int at, String found) {
            return in.malformed(expected, at, found);
        }

        void end() throws EvidenceFormatException {
            in.end();
        }
    }
}
