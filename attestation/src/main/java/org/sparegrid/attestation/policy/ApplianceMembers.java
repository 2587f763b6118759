// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.json.JsonValue;
import org.sparegrid.attestation.json.JsonValue.JsonArray;
import org.sparegrid.attestation.json.JsonValue.JsonText;
import org.sparegrid.attestation.json.JsonWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What a TPM holds of an appliance's start, as the members `programs` and `pcr` of an object.
///
/// Source: docs/protocol/attestation-policy.md, section 2.
final class ApplianceMembers {
    private static final int PROGRAMS_MAX = 8;
    private static final String PREFIX = "sha256:";
    private static final String LOADED = "" + ApplianceBoot.LOADED;
    private static final String SECTIONS = "" + ApplianceBoot.SECTIONS;

    private ApplianceMembers() {}

    /// Reads both members; whether there are others is for the caller to say.
    static ApplianceBoot read(JsonMembers members) throws EvidenceFormatException {
        List<Octets> programs = new ArrayList<>();
        for (String text : members.texts("programs", 1, PROGRAMS_MAX)) {
            if (!text.startsWith(PREFIX)) {
                throw members.wrong("programs", "'" + PREFIX + "' before each", "another text");
            }
            String digits = text.substring(PREFIX.length());
            programs.add(Octets.of(members.hexOf("programs", digits, ApplianceBoot.DIGEST_BYTES)));
        }
        JsonMembers registers = members.members("pcr");
        Octets loaded = Octets.of(registers.hex(LOADED, ApplianceBoot.DIGEST_BYTES));
        Octets sections = Octets.of(registers.hex(SECTIONS, ApplianceBoot.DIGEST_BYTES));
        registers.end();
        return new ApplianceBoot(programs, loaded, sections);
    }

    static SequencedMap<String, JsonValue> of(ApplianceBoot boot) {
        SequencedMap<String, JsonValue> registers = new LinkedHashMap<>();
        registers.put(LOADED, new JsonText(boot.loaded().toString()));
        registers.put(SECTIONS, new JsonText(boot.sections().toString()));
        List<JsonValue> programs = new ArrayList<>();
        boot.programs().forEach(each -> programs.add(new JsonText(PREFIX + each)));
        SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
        members.put("programs", new JsonArray(programs));
        members.put("pcr", JsonWriter.object(registers));
        return members;
    }
}
