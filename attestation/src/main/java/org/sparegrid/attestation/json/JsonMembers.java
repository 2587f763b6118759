// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.attestation.json.JsonValue.JsonArray;
import org.sparegrid.attestation.json.JsonValue.JsonFlag;
import org.sparegrid.attestation.json.JsonValue.JsonNumber;
import org.sparegrid.attestation.json.JsonValue.JsonObject;
import org.sparegrid.attestation.json.JsonValue.JsonText;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Takes the members of an object one by one, by name and kind.
///
/// What nobody asked for is refused by [#end()], with the nearest name that exists: a closed
/// schema. One thread uses it.
public final class JsonMembers {
    private final String path;
    private final JsonObject object;
    private final Set<String> asked = new HashSet<>();

    private JsonMembers(String path, JsonObject object) {
        this.path = path;
        this.object = object;
    }

    /// The members of `object`.
    ///
    /// @param path what the object is, the first word of every complaint (`policy`)
    public static JsonMembers of(String path, JsonObject object) {
        return new JsonMembers(path, object);
    }

    /// Where in the text this object stands: `policy.tpm`.
    public String path() {
        return path;
    }

    /// The bytes of the text this object was read from.
    public JsonValue.Span span() {
        return object.span();
    }

    /// Whether a member is there; asking makes the name known.
    public boolean has(String name) {
        asked.add(name);
        return object.members().containsKey(name);
    }

    /// A member that has to be a text.
    public String text(String name) throws EvidenceFormatException {
        return switch (member(name)) {
            case JsonText text -> text.value();
            case JsonValue other -> throw wrong(name, "a text", other.kind());
        };
    }

    /// A member that has to be one of `words`.
    public String word(String name, List<String> words) throws EvidenceFormatException {
        return oneOf(name, text(name), words);
    }

    /// A text that stands in the member `name` and has to be one of `words`.
    public String oneOf(String name, String word, List<String> words)
            throws EvidenceFormatException {
        if (!words.contains(word)) {
            throw wrong(
                    name,
                    "one of " + String.join(", ", words),
                    "'" + JsonReader.shown(word) + "'" + NearestName.hint(word, words));
        }
        return word;
    }

    /// A member that has to be a whole number in a range.
    public long number(String name, long min, long max) throws EvidenceFormatException {
        return switch (member(name)) {
            case JsonNumber number when number.value() >= min && number.value() <= max ->
                    number.value();
            case JsonNumber number ->
                    throw wrong(name, "a number from " + min + " to " + max, "" + number.value());
            case JsonValue other -> throw wrong(name, "a number", other.kind());
        };
    }

    /// A member that has to be `true` or `false`.
    public boolean flag(String name) throws EvidenceFormatException {
        return switch (member(name)) {
            case JsonFlag flag -> flag.value();
            case JsonValue other -> throw wrong(name, "true or false", other.kind());
        };
    }

    /// A member that has to be a text of exactly `lengthBytes` bytes in hexadecimal.
    public byte[] hex(String name, int lengthBytes) throws EvidenceFormatException {
        return hexOf(name, text(name), lengthBytes);
    }

    /// A member that has to be an object.
    public JsonMembers members(String name) throws EvidenceFormatException {
        return switch (member(name)) {
            case JsonObject inner -> of(path + "." + name, inner);
            case JsonValue other -> throw wrong(name, "an object", other.kind());
        };
    }

    /// A member that may be left out and otherwise has to be an object.
    public Optional<JsonMembers> optionalMembers(String name) throws EvidenceFormatException {
        return has(name) ? Optional.of(members(name)) : Optional.empty();
    }

    /// A member that has to be a list of objects.
    public List<JsonMembers> list(String name, int countMax) throws EvidenceFormatException {
        List<JsonMembers> all = new ArrayList<>();
        for (JsonValue element : elements(name, 0, countMax)) {
            if (!(element instanceof JsonObject inner)) {
                throw wrong(name, "a list of objects", element.kind());
            }
            all.add(of(path + "." + name + "[" + all.size() + "]", inner));
        }
        return all;
    }

    /// A member that has to be a list of at least `countMin` texts.
    public List<String> texts(String name, int countMin, int countMax)
            throws EvidenceFormatException {
        List<String> all = new ArrayList<>();
        for (JsonValue element : elements(name, countMin, countMax)) {
            if (!(element instanceof JsonText text)) {
                throw wrong(name, "a list of texts", element.kind());
            }
            all.add(text.value());
        }
        return List.copyOf(all);
    }

    /// The names of all members, for objects whose names are data.
    public Set<String> names() {
        asked.addAll(object.members().keySet());
        return object.members().sequencedKeySet();
    }

    /// The complaint that a member is not what it should be.
    public EvidenceFormatException wrong(String name, String expected, String found) {
        return new EvidenceFormatException(
                path + "." + name + ": expected " + expected + ", got " + found);
    }

    /// Bytes of a text in hexadecimal that stands in the member `name`.
    public byte[] hexOf(String name, String text, int lengthBytes) throws EvidenceFormatException {
        if (text.length() == 2 * lengthBytes) {
            try {
                return HexFormat.of().parseHex(text);
            } catch (IllegalArgumentException _) {
                // Said below, with the length.
            }
        }
        throw wrong(
                name, lengthBytes + " bytes in hexadecimal", "'" + JsonReader.shown(text) + "'");
    }

    /// Refuses members that nobody asked for.
    public void end() throws EvidenceFormatException {
        for (String name : object.members().sequencedKeySet()) {
            if (!asked.contains(name)) {
                throw new EvidenceFormatException(
                        path
                                + ": unknown member '"
                                + JsonReader.shown(name)
                                + "'"
                                + NearestName.hint(name, asked));
            }
        }
    }

    private List<JsonValue> elements(String name, int countMin, int countMax)
            throws EvidenceFormatException {
        if (!(member(name) instanceof JsonArray array)) {
            throw wrong(name, "a list", member(name).kind());
        }
        int count = array.elements().size();
        if (count < countMin || count > countMax) {
            throw wrong(name, "a list of " + countMin + " to " + countMax, "" + count);
        }
        return array.elements();
    }

    private JsonValue member(String name) throws EvidenceFormatException {
        asked.add(name);
        JsonValue value = object.members().get(name);
        if (value == null) {
            for (String other : object.members().sequencedKeySet()) {
                if (NearestName.near(other, name)) {
                    throw new EvidenceFormatException(
                            path
                                    + ": unknown member '"
                                    + JsonReader.shown(other)
                                    + "'; did you mean '"
                                    + name
                                    + "'");
                }
            }
            throw new EvidenceFormatException(path + ": expected a member '" + name + "'");
        }
        return value;
    }
}
