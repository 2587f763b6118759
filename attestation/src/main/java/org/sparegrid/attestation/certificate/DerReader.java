// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.certificate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Reads the DER of certificate extensions that the JDK hands out unparsed.
///
/// Lengths have their shortest form and stay within the bytes; nothing is copied before that is
/// checked. One thread uses it.
///
/// Source: ITU-T X.690, section 10.
public final class DerReader {
    public static final int BOOLEAN = 0x01;
    public static final int INTEGER = 0x02;
    public static final int BIT_STRING = 0x03;
    public static final int OCTET_STRING = 0x04;
    public static final int OBJECT_IDENTIFIER = 0x06;
    public static final int ENUMERATED = 0x0a;
    public static final int IA5_STRING = 0x16;
    public static final int SEQUENCE = 0x30;
    public static final int SET = 0x31;

    private static final int OID_LENGTH_MAX = 32;

    private final String structure;
    private final byte[] bytes;
    private final int end;
    private int at;

    private DerReader(String structure, byte[] bytes, int start, int end) {
        this.structure = structure;
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    /// A reader of the values in `der`.
    ///
    /// @param structure what is read, the first word of every complaint
    public static DerReader of(String structure, byte[] der) {
        return new DerReader(structure, der, 0, der.length);
    }

    /// Whether a value is left.
    public boolean more() {
        return at < end;
    }

    /// Tag of the next value, or -1 at the end.
    public int nextTag() {
        return at < end ? Byte.toUnsignedInt(bytes[at]) : -1;
    }

    /// Enters the next value, which has to have `tag` and hold other values.
    public DerReader inside(int tag) throws EvidenceFormatException {
        int length = header(tag);
        DerReader inner = new DerReader(structure, bytes, at, at + length);
        at += length;
        return inner;
    }

    /// Contents of the next value, which has to have `tag`.
    public byte[] contents(int tag) throws EvidenceFormatException {
        int length = header(tag);
        byte[] contents = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return contents;
    }

    /// Passes over the next value, whatever it is.
    public void skip() throws EvidenceFormatException {
        int length = header(nextTag());
        at += length;
    }

    /// A whole number from 0 to `max`.
    public int number(int tag, int max) throws EvidenceFormatException {
        int start = at;
        byte[] contents = contents(tag);
        boolean shortest =
                contents.length == 1
                        || (contents.length > 1 && (contents[0] != 0 || contents[1] < 0));
        if (!shortest || contents.length > 4 || contents[0] < 0) {
            throw malformed("a number from 0 to " + max, start);
        }
        int value = 0;
        for (byte digit : contents) {
            value = (value << 8) | Byte.toUnsignedInt(digit);
        }
        if (value < 0 || value > max) {
            throw malformed("a number from 0 to " + max, start);
        }
        return value;
    }

    /// An object identifier in dotted form.
    public String oid() throws EvidenceFormatException {
        int start = at;
        byte[] contents = contents(OBJECT_IDENTIFIER);
        if (contents.length == 0 || contents.length > OID_LENGTH_MAX) {
            throw malformed("an object identifier of 1 to " + OID_LENGTH_MAX + " bytes", start);
        }
        StringBuilder dotted = new StringBuilder();
        long arc = 0;
        for (int i = 0; i < contents.length; i++) {
            if (arc > Integer.MAX_VALUE || (arc == 0 && Byte.toUnsignedInt(contents[i]) == 0x80)) {
                throw malformed("arcs of 31 bits in their shortest form", start);
            }
            arc = (arc << 7) | (contents[i] & 0x7f);
            if (contents[i] >= 0) {
                if (dotted.isEmpty()) {
                    long first = Math.min(arc / 40, 2);
                    dotted.append(first).append('.').append(arc - 40 * first);
                } else {
                    dotted.append('.').append(arc);
                }
                arc = 0;
            } else if (i == contents.length - 1) {
                throw malformed("a whole last arc", start);
            }
        }
        return dotted.toString();
    }

    /// A text of any of the string types, in printable ASCII.
    public String text() throws EvidenceFormatException {
        int start = at;
        byte[] contents = contents(nextTag());
        for (byte unit : contents) {
            if (unit < 0x20 || unit > 0x7e) {
                throw malformed("a text in printable ASCII", start);
            }
        }
        return new String(contents, StandardCharsets.US_ASCII);
    }

    /// Checks that every value has been read.
    public void end() throws EvidenceFormatException {
        if (at < end) {
            throw malformed("the end", at);
        }
    }

    /// The complaint that something else than `expected` stands at an offset.
    EvidenceFormatException malformed(String expected, int offset) {
        return new EvidenceFormatException(
                structure + ": expected " + expected + " at offset " + offset + " of the DER");
    }

    /// Length of the one value that `bytes` begin with, header included.
    static int lengthOfFirst(String structure, byte[] bytes) throws EvidenceFormatException {
        DerReader reader = of(structure, bytes);
        reader.skip();
        return reader.at;
    }

    private int header(int tag) throws EvidenceFormatException {
        int start = at;
        if (end - at < 2 || Byte.toUnsignedInt(bytes[at]) != tag || (tag & 0x1f) == 0x1f) {
            throw malformed("tag 0x" + Integer.toHexString(tag), start);
        }
        int length = Byte.toUnsignedInt(bytes[at + 1]);
        at += 2;
        if (length >= 0x80) {
            int count = length & 0x7f;
            if (count == 0 || count > 3 || end - at < count) {
                throw malformed("a length of at most three bytes", start);
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = (length << 8) | Byte.toUnsignedInt(bytes[at++]);
            }
            if (length < 0x80 || length >>> (8 * (count - 1)) == 0) {
                throw malformed("a length in its shortest form", start);
            }
        }
        if (length > end - at) {
            throw malformed(length + " bytes of contents", start);
        }
        return length;
    }
}
