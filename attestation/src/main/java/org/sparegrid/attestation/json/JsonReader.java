// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import org.sparegrid.attestation.json.JsonValue.JsonArray;
import org.sparegrid.attestation.json.JsonValue.JsonFlag;
import org.sparegrid.attestation.json.JsonValue.JsonNull;
import org.sparegrid.attestation.json.JsonValue.JsonNumber;
import org.sparegrid.attestation.json.JsonValue.JsonObject;
import org.sparegrid.attestation.json.JsonValue.JsonText;
import org.sparegrid.attestation.json.JsonValue.Span;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Reads one JSON text strictly.
///
/// Refused are names that occur twice, fractions and exponents, numbers beyond 64 bits, anything
/// after the value, bytes that are not UTF-8, and more depth or values than the limits below. What
/// is kept costs memory in proportion to the bytes.
///
/// Source: RFC 8259.
public final class JsonReader {
    /// Deepest nesting read; Intel's TCB info needs 6, and each level costs a stack frame.
    static final int DEPTH_MAX = 16;

    /// Most values read; a TCB info of 40 levels has about 5,000.
    static final int VALUES_MAX = 200_000;

    private static final int NUMBER_LENGTH_MAX = 20;

    private final String structure;
    private final byte[] bytes;
    private int at;
    private int values;

    private JsonReader(String structure, byte[] bytes) {
        this.structure = structure;
        this.bytes = bytes;
    }

    /// Reads the one object that fills `bytes`, white space aside.
    ///
    /// @param structure what is read, the first word of every complaint
    /// @param lengthBytesMax a longer text is refused
    public static JsonObject object(String structure, byte[] bytes, int lengthBytesMax)
            throws EvidenceFormatException {
        if (bytes.length > lengthBytesMax) {
            throw new EvidenceFormatException(
                    structure
                            + ": expected at most "
                            + lengthBytesMax
                            + " bytes, got "
                            + bytes.length);
        }
        JsonReader reader = new JsonReader(structure, bytes);
        reader.space();
        JsonValue value = reader.value(0);
        reader.space();
        if (reader.at < bytes.length) {
            throw reader.malformed("the end");
        }
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new EvidenceFormatException(structure + ": expected an object, got " + value.kind());
    }

    private JsonValue value(int depth) throws EvidenceFormatException {
        if (depth > DEPTH_MAX) {
            throw malformed("at most " + DEPTH_MAX + " levels");
        }
        values++;
        if (values > VALUES_MAX) {
            throw malformed("at most " + VALUES_MAX + " values");
        }
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new JsonText(text());
            case 't' -> literal("true", new JsonFlag(true));
            case 'f' -> literal("false", new JsonFlag(false));
            case 'n' -> literal("null", new JsonNull());
            default -> number();
        };
    }

    private JsonObject object(int depth) throws EvidenceFormatException {
        final int start = at;
        at++;
        SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
        space();
        if (peek() == '}') {
            at++;
            return new JsonObject(members, new Span(start, at));
        }
        while (true) {
            space();
            int nameAt = at;
            String name = text();
            space();
            expect(':');
            space();
            if (members.put(name, value(depth + 1)) != null) {
                at = nameAt;
                throw malformed("each name once, not '" + shown(name) + "' again");
            }
            space();
            if (peek() == '}') {
                at++;
                return new JsonObject(members, new Span(start, at));
            }
            expect(',');
        }
    }

    private JsonArray array(int depth) throws EvidenceFormatException {
        at++;
        List<JsonValue> elements = new ArrayList<>();
        space();
        if (peek() == ']') {
            at++;
            return new JsonArray(elements);
        }
        while (true) {
            space();
            elements.add(value(depth + 1));
            space();
            if (peek() == ']') {
                at++;
                return new JsonArray(elements);
            }
            expect(',');
        }
    }

    private JsonValue literal(String word, JsonValue value) throws EvidenceFormatException {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= bytes.length || bytes[at + i] != word.charAt(i)) {
                throw malformed("a value");
            }
        }
        at += word.length();
        return value;
    }

    private JsonNumber number() throws EvidenceFormatException {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        int digits = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        boolean whole = at > digits && (bytes[digits] != '0' || at == digits + 1);
        boolean fraction =
                at < bytes.length && (bytes[at] == '.' || bytes[at] == 'e' || bytes[at] == 'E');
        if (!whole || fraction || at - start > NUMBER_LENGTH_MAX) {
            at = start;
            throw malformed("a value; numbers are whole and of 64 bits");
        }
        String number = new String(bytes, start, at - start, StandardCharsets.US_ASCII);
        try {
            return new JsonNumber(Long.parseLong(number));
        } catch (NumberFormatException _) {
            at = start;
            throw malformed("a number of 64 bits");
        }
    }

    private String text() throws EvidenceFormatException {
        expect('"');
        StringBuilder text = new StringBuilder();
        while (true) {
            String plain = plain();
            int end = peek();
            if (end == '"') {
                at++;
                return text.isEmpty() ? plain : text.append(plain).toString();
            }
            if (end != '\\') {
                throw malformed("control characters escaped in texts");
            }
            at++;
            text.append(plain).append(escaped());
        }
    }

    /// Up to the next quote, escape or control character.
    private String plain() throws EvidenceFormatException {
        int start = at;
        int end = start;
        int highest = 0;
        while (end < bytes.length) {
            byte next = bytes[end];
            if (next == '"' || next == '\\' || (next >= 0 && next < 0x20)) {
                break;
            }
            highest |= next;
            end++;
        }
        at = end;
        return highest >= 0
                ? new String(bytes, start, end - start, StandardCharsets.US_ASCII)
                : utf8(start, end);
    }

    private char escaped() throws EvidenceFormatException {
        int kind = peek();
        at++;
        return switch (kind) {
            case '"', '\\', '/' -> (char) kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(peek(), 16);
                    if (digit < 0) {
                        throw malformed("four hexadecimal digits");
                    }
                    unit = (unit << 4) | digit;
                    at++;
                }
                yield (char) unit;
            }
            default -> {
                at--;
                throw malformed("an escape of RFC 8259");
            }
        };
    }

    private String utf8(int start, int end) throws EvidenceFormatException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, end - start))
                    .toString();
        } catch (CharacterCodingException _) {
            at = start;
            throw malformed("UTF-8");
        }
    }

    private void expect(char wanted) throws EvidenceFormatException {
        if (peek() != wanted) {
            throw malformed("'" + wanted + "'");
        }
        at++;
    }

    private int peek() throws EvidenceFormatException {
        if (at >= bytes.length) {
            throw malformed("more text");
        }
        return Byte.toUnsignedInt(bytes[at]);
    }

    private void space() {
        while (at < bytes.length
                && (bytes[at] == ' '
                        || bytes[at] == '\n'
                        || bytes[at] == '\r'
                        || bytes[at] == '\t')) {
            at++;
        }
    }

    private EvidenceFormatException malformed(String expected) {
        String found =
                at >= bytes.length
                        ? "the end"
                        : "byte 0x"
                                + Integer.toHexString(Byte.toUnsignedInt(bytes[at]))
                                        .toLowerCase(Locale.ROOT);
        return new EvidenceFormatException(
                structure + ": expected " + expected + " at offset " + at + ", got " + found);
    }

    /// A name from outside, short enough and plain enough for a message.
    static String shown(String name) {
        String plain = name.replaceAll("[^ -~]", "?");
        return plain.length() <= 40 ? plain : plain.substring(0, 40) + "...";
    }
}
