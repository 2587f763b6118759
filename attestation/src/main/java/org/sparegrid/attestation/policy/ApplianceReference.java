// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.json.JsonReader;
import org.sparegrid.attestation.json.JsonValue;
import org.sparegrid.attestation.json.JsonValue.JsonText;
import org.sparegrid.attestation.json.JsonWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What the builder of an appliance publishes beside it.
///
/// @param version a name for people, of the letters that [#isVersion] takes
/// @param rootHash of the tree over the root file system; the command line holds it, so `boot`
///   covers it
/// @param boot what a TPM holds once it has started
public record ApplianceReference(String version, Octets rootHash, ApplianceBoot boot) {
    /// Longest file read.
    public static final int LENGTH_BYTES_MAX = 64 * 1024;

    private static final String SCHEMA = "sparegrid.appliance-reference/1";
    private static final int ROOT_HASH_BYTES = 32;

    /// Checks the version and the length of the hash.
    public ApplianceReference {
        if (!isVersion(version) || rootHash.length() != ROOT_HASH_BYTES) {
            throw new IllegalArgumentException(
                    "appliance: expected a version of letters, digits, '.', '_', '+' and '-', and a"
                            + " hash of 32 bytes");
        }
    }

    /// Whether a text may name a version: 1 to 64 letters, digits, `.`, `_`, `+` and `-`.
    public static boolean isVersion(String text) {
        return text.matches("[A-Za-z0-9._+-]{1,64}");
    }

    /// Reads the one reference that fills `bytes`.
    ///
    /// @throws EvidenceFormatException saying what is wrong where, with the nearest known name
    public static ApplianceReference read(byte[] bytes) throws EvidenceFormatException {
        JsonMembers all =
                JsonMembers.of(
                        "reference", JsonReader.object("reference", bytes, LENGTH_BYTES_MAX));
        String schema = all.text("schema");
        if (!schema.equals(SCHEMA)) {
            throw all.wrong("schema", "'" + SCHEMA + "'", "another text");
        }
        String version = all.text("version");
        if (!isVersion(version)) {
            throw all.wrong(
                    "version", "1 to 64 letters, digits, '.', '_', '+' and '-'", "another text");
        }
        Octets rootHash = Octets.of(all.hex("rootHash", ROOT_HASH_BYTES));
        ApplianceBoot boot = ApplianceMembers.read(all);
        all.end();
        return new ApplianceReference(version, rootHash, boot);
    }

    /// The text that [#read] reads.
    public String write() {
        SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
        members.put("schema", new JsonText(SCHEMA));
        members.put("version", new JsonText(version));
        members.put("rootHash", new JsonText(rootHash.toString()));
        members.putAll(ApplianceMembers.of(boot));
        return JsonWriter.write(JsonWriter.object(members));
    }
}
