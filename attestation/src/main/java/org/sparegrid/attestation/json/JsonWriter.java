// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.json;

import java.util.List;
import java.util.SequencedMap;
import org.sparegrid.attestation.json.JsonValue.JsonArray;
import org.sparegrid.attestation.json.JsonValue.JsonFlag;
import org.sparegrid.attestation.json.JsonValue.JsonNull;
import org.sparegrid.attestation.json.JsonValue.JsonNumber;
import org.sparegrid.attestation.json.JsonValue.JsonObject;
import org.sparegrid.attestation.json.JsonValue.JsonText;

/// Writes a JSON value with two spaces of indentation; the same value gives the same text.
public final class JsonWriter {
    private final StringBuilder out = new StringBuilder();

    private JsonWriter() {}

    /// The text of `value`, with a line end.
    public static String write(JsonValue value) {
        JsonWriter writer = new JsonWriter();
        writer.value(value, 0);
        return writer.out.append('\n').toString();
    }

    /// An object that was not read from a text.
    public static JsonObject object(SequencedMap<String, JsonValue> members) {
        return new JsonObject(members, new JsonValue.Span(0, 0));
    }

    private void value(JsonValue value, int depth) {
        switch (value) {
            case JsonObject object -> members(object.members(), depth);
            case JsonArray array -> elements(array.elements(), depth);
            case JsonText text -> quoted(text.value());
            case JsonNumber number -> out.append(number.value());
            case JsonFlag flag -> out.append(flag.value());
            case JsonNull _ -> out.append("null");
        }
    }

    private void members(SequencedMap<String, JsonValue> members, int depth) {
        out.append('{');
        String separator = "";
        for (var member : members.sequencedEntrySet()) {
            out.append(separator);
            line(depth + 1);
            quoted(member.getKey());
            out.append(": ");
            value(member.getValue(), depth + 1);
            separator = ",";
        }
        if (!members.isEmpty()) {
            line(depth);
        }
        out.append('}');
    }

    private void elements(List<JsonValue> elements, int depth) {
        out.append('[');
        String separator = "";
        for (JsonValue element : elements) {
            out.append(separator);
            line(depth + 1);
            value(element, depth + 1);
            separator = ",";
        }
        if (!elements.isEmpty()) {
            line(depth);
        }
        out.append(']');
    }

    private void line(int depth) {
        out.append('\n').append("  ".repeat(depth));
    }

    private void quoted(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            switch (unit) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (unit < 0x20 || unit > 0x7e) {
                        out.append("\\u");
                        String digits = Integer.toHexString(unit);
                        out.append("0".repeat(4 - digits.length())).append(digits);
                    } else {
                        out.append(unit);
                    }
                }
            }
        }
        out.append('"');
    }
}
