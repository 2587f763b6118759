// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.sparegrid.attestation.json.JsonValue;
import org.sparegrid.attestation.json.JsonValue.JsonNumber;
import org.sparegrid.attestation.json.JsonValue.JsonText;
import org.sparegrid.attestation.json.JsonWriter;
import org.sparegrid.attestation.report.Level;

/// The policy that accepts named versions of the appliance and nothing else.
public final class AppliancePolicy {
    private AppliancePolicy() {}

    /// The text of a policy of level `measured`, as the preset is otherwise.
    ///
    /// @param references what builders published; versions have to differ
    /// @param secureBootRequired whether firmware has to have checked signatures
    /// @throws IllegalArgumentException if none is named, or one version twice
    public static String text(List<ApplianceReference> references, boolean secureBootRequired) {
        SequencedMap<String, JsonValue> appliances = new LinkedHashMap<>();
        for (ApplianceReference reference : references) {
            if (appliances.put(
                            reference.version(),
                            JsonWriter.object(ApplianceMembers.of(reference.boot())))
                    != null) {
                throw new IllegalArgumentException(
                        "policy: expected different versions, got "
                                + reference.version()
                                + " twice");
            }
        }
        if (appliances.isEmpty()) {
            throw new IllegalArgumentException("policy: expected an appliance, got none");
        }
        SequencedMap<String, JsonValue> boot = new LinkedHashMap<>();
        boot.put("secureBoot", new JsonText(secureBootRequired ? "required" : "any"));
        boot.put("appliances", JsonWriter.object(appliances));
        SequencedMap<String, JsonValue> policy = new LinkedHashMap<>();
        policy.put("version", new JsonNumber(1));
        policy.put("level", new JsonText(Level.MEASURED.id()));
        policy.put("boot", JsonWriter.object(boot));
        return JsonWriter.write(JsonWriter.object(policy));
    }
}
