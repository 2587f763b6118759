// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import org.sparegrid.virtualethernet.frame.Bytes;

/// The answer to one question, put together record by record. Source: RFC 1035, RFC 2308.
public final class DnsAnswer {
    /// Record type of IPv4 addresses.
    public static final int A = 1;

    /// Record type of names for addresses.
    public static final int PTR = 12;

    /// Any record type.
    public static final int ANY = 255;

    /// Code: fine.
    public static final int NO_ERROR = 0;

    /// Code: there is no such name.
    public static final int NAME_ERROR = 3;

    /// Code: such queries are not answered.
    public static final int NOT_IMPLEMENTED = 4;

    /// Code: not our names.
    public static final int REFUSED = 5;

    /// Clients ask again after this, so that a changed network is seen soon; 5 seconds.
    private static final int TTL_SECONDS = 5;

    private static final int SOA = 6;
    private static final int OPT_LENGTH = 11;

    private final DnsQuery query;
    private final int code;
    private final ByteArrayOutputStream records = new ByteArrayOutputStream();
    private int answers;
    private int authorities;
    private boolean truncated;

    /// An answer without records.
    public DnsAnswer(DnsQuery query, int code) {
        this.query = query;
        this.code = code;
    }

    /// Adds an address of the name asked for, as long as there is room.
    public void addAddress(int address) {
        byte[] data = new byte[4];
        Bytes.put32(data, 0, address);
        addAnswer(A, data);
    }

    /// Adds a name of the address asked for.
    public void addName(String name) {
        addAnswer(PTR, encode(name));
    }

    /// Adds the record that lets clients remember that there is nothing.
    public void addAuthority(String domain) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(encode(domain));
        data.writeBytes(encode("hostmaster." + domain));
        byte[] numbers = new byte[20];
        for (int i = 0; i < 5; i++) {
            Bytes.put32(numbers, 4 * i, i == 0 ? 1 : TTL_SECONDS);
        }
        data.writeBytes(numbers);
        if (add(encode(domain), SOA, data.toByteArray())) {
            authorities++;
        }
    }

    /// The message, with as many records as fit.
    public byte[] toBytes() {
        byte[] header = new byte[DnsQuery.HEADER_LENGTH];
        Bytes.put16(header, 0, query.id());
        int flags = 0x8400 | (query.operation() << 11) | code;
        flags |= query.recursionDesired() ? 0x0100 : 0;
        flags |= truncated ? 0x0200 : 0;
        Bytes.put16(header, 2, flags);
        Bytes.put16(header, 4, 1);
        Bytes.put16(header, 6, answers);
        Bytes.put16(header, 8, authorities);
        Bytes.put16(header, 10, query.extended() ? 1 : 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header);
        out.writeBytes(query.question());
        out.writeBytes(records.toByteArray());
        if (query.extended()) {
            byte[] opt = new byte[OPT_LENGTH];
            Bytes.put16(opt, 1, 41);
            Bytes.put16(opt, 3, 1232);
            out.writeBytes(opt);
        }
        return out.toByteArray();
    }

    private void addAnswer(int type, byte[] data) {
        byte[] nameOfQuestion = {(byte) 0xc0, DnsQuery.HEADER_LENGTH};
        if (add(nameOfQuestion, type, data)) {
            answers++;
        }
    }

    private boolean add(byte[] owner, int type, byte[] data) {
        int used = DnsQuery.HEADER_LENGTH + query.question().length + records.size() + OPT_LENGTH;
        if (used + owner.length + 10 + data.length > query.answerLengthMax()) {
            truncated = true;
            return false;
        }
        byte[] fixed = new byte[10];
        Bytes.put16(fixed, 0, type);
        Bytes.put16(fixed, 2, 1);
        Bytes.put32(fixed, 4, TTL_SECONDS);
        Bytes.put16(fixed, 8, data.length);
        records.writeBytes(owner);
        records.writeBytes(fixed);
        records.writeBytes(data);
        return true;
    }

    /// A name as labels.
    public static byte[] encode(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.", -1)) {
            out.write(label.length());
            out.writeBytes(label.getBytes(US_ASCII));
        }
        out.write(0);
        return out.toByteArray();
    }
}
