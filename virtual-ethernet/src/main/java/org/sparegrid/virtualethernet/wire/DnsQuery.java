// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Locale;
import org.sparegrid.virtualethernet.frame.Bytes;

/// One question to a name server. Source: RFC 1035, section 4; RFC 6891 for EDNS.
///
/// ```text
///  offset  size  field
///       0     2  id
///       2     2  flags: answer 1 bit, operation 4, ...
///       4     8  number of questions, answers, authorities, additionals
///      12     n  question: labels, each length and bytes, ending with 0; type 2; class 2
///    12+n        records, of which only an OPT is looked at
/// ```
///
/// @param id chosen by the client
/// @param operation 0 for a standard query
/// @param recursionDesired copied into the answer
/// @param name in lower case, without the dot at the end
/// @param question the question as it was written
/// @param type asked record type
/// @param recordClass 1 for the Internet
/// @param extended whether the query has an OPT record
/// @param answerLengthMax largest answer that the client takes, in bytes
@SuppressWarnings("ArrayRecordComponent") // lives for one packet, is never compared
public record DnsQuery(
        int id,
        int operation,
        boolean recursionDesired,
        String name,
        byte[] question,
        int type,
        int recordClass,
        boolean extended,
        int answerLengthMax) {
    static final int HEADER_LENGTH = 12;

    /// Largest answer without EDNS.
    private static final int PLAIN_MAX = 512;

    /// Largest answer at all: fits one packet of the smallest usual MTU.
    private static final int EXTENDED_MAX = 1232;

    private static final int OPT = 41;

    /// Reads the payload of a datagram to port 53.
    public static DnsQuery parse(byte[] in) throws WireFormatException {
        if (in.length < HEADER_LENGTH) {
            throw new WireFormatException("dns: expected at least 12 bytes, got " + in.length);
        }
        int flags = Bytes.u16(in, 2);
        if ((flags & 0x8000) != 0) {
            throw new WireFormatException("dns: expected a query at offset 2, got an answer");
        }
        if (Bytes.u16(in, 4) != 1) {
            throw new WireFormatException(
                    "dns: expected one question at offset 4, got " + Bytes.u16(in, 4));
        }
        StringBuilder name = new StringBuilder();
        int at = readName(in, name);
        if (at + 4 > in.length) {
            throw new WireFormatException("dns: question runs past the end");
        }
        byte[] question = new byte[at + 4 - HEADER_LENGTH];
        System.arraycopy(in, HEADER_LENGTH, question, 0, question.length);
        int size = extendedSize(in, at + 4);
        return new DnsQuery(
                Bytes.u16(in, 0),
                (flags >>> 11) & 15,
                (flags & 0x0100) != 0,
                name.toString().toLowerCase(Locale.ROOT),
                question,
                Bytes.u16(in, at),
                Bytes.u16(in, at + 2),
                size > 0,
                Math.clamp(size, PLAIN_MAX, EXTENDED_MAX));
    }

    private static int readName(byte[] in, StringBuilder name) throws WireFormatException {
        int at = HEADER_LENGTH;
        while (at < in.length && in[at] != 0) {
            int length = Bytes.u8(in, at);
            if (length > 63 || at + 1 + length >= in.length || name.length() + length > 253) {
                throw new WireFormatException(
                        "dns: expected labels of a name at offset " + at + ", got " + length);
            }
            if (!name.isEmpty()) {
                name.append('.');
            }
            name.append(new String(in, at + 1, length, ISO_8859_1));
            at += 1 + length;
        }
        if (at >= in.length) {
            throw new WireFormatException("dns: name runs past the end");
        }
        return at + 1;
    }

    /// The size in an OPT record that comes first behind the question, or 0.
    private static int extendedSize(byte[] in, int at) {
        boolean isOpt =
                Bytes.u16(in, 6) == 0
                        && Bytes.u16(in, 8) == 0
                        && Bytes.u16(in, 10) > 0
                        && at + 11 <= in.length
                        && in[at] == 0
                        && Bytes.u16(in, at + 1) == OPT;
        return isOpt ? Math.max(1, Bytes.u16(in, at + 3)) : 0;
    }
}
