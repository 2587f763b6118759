// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A value of a JSON text, as RFC 8259 has it.
///
/// The texts read here (policies, Intel's collateral, evidence) hold no fractions, so a number is a
/// whole one.
public sealed interface JsonValue {
    /// Where a value stands in the bytes it was read from: from `start` up to but not with `end`.
    ///
    /// Intel signs the bytes of a member, not its meaning, so a reader has to find them again.
    record Span(int start, int end) {}

    /// Members in the order of the text; no name occurs twice.
    record JsonObject(SequencedMap<String, JsonValue> members, Span span) implements JsonValue {
        public JsonObject {
            members = new LinkedHashMap<>(members);
        }

        @Override
        public SequencedMap<String, JsonValue> members() {
            return java.util.Collections.unmodifiableSequencedMap(members);
        }
    }

    /// Elements in the order of the text.
    record JsonArray(List<JsonValue> elements) implements JsonValue {
        public JsonArray {
            elements = List.copyOf(new ArrayList<>(elements));
        }
    }

    /// A string with its escapes resolved.
    record JsonText(String value) implements JsonValue {}

    /// A whole number.
    record JsonNumber(long value) implements JsonValue {}

    /// `true` or `false`.
    record JsonFlag(boolean value) implements JsonValue {}

    /// `null`.
    record JsonNull() implements JsonValue {}

    /// What it is, as a message names it.
    default String kind() {
        return switch (this) {
            case JsonObject _ -> "an object";
            case JsonArray _ -> "a list";
            case JsonText _ -> "a text";
            case JsonNumber _ -> "a number";
            case JsonFlag _ -> "true or false";
            case JsonNull _ -> "null";
        };
    }
}
