// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.sparegrid.attestation.json.JsonValue;
import org.sparegrid.attestation.json.JsonValue.JsonArray;
import org.sparegrid.attestation.json.JsonValue.JsonFlag;
import org.sparegrid.attestation.json.JsonValue.JsonText;
import org.sparegrid.attestation.json.JsonWriter;

/// What was claimed, what was checked, against which roots, and what came of it.
///
/// The same evidence, policy, roots and time give the same report, byte for byte.
///
/// @param level what was asked for
/// @param at the time at which certificates and lists had to hold
/// @param checks whether the evidence is what it says: signatures, chains, revocation
/// @param rules whether what it says is enough for the policy
public record VerificationReport(
        Level level,
        Instant at,
        List<Claim> claims,
        List<UsedRoot> roots,
        List<Finding> checks,
        List<Finding> rules) {
    private static final String SCHEMA = "sparegrid.attestation-report/1";

    public VerificationReport {
        claims = List.copyOf(claims);
        roots = List.copyOf(roots);
        checks = List.copyOf(checks);
        rules = List.copyOf(rules);
    }

    /// The whole answer.
    public enum Verdict {
        /// Everything holds.
        TRUSTED,
        /// The evidence is genuine, but the policy wants more.
        POLICY_NOT_MET,
        /// Something about the evidence itself does not hold.
        EVIDENCE_REFUSED
    }

    /// The whole answer: one finding that fails decides it.
    public Verdict verdict() {
        if (failed(checks)) {
            return Verdict.EVIDENCE_REFUSED;
        }
        return failed(rules) ? Verdict.POLICY_NOT_MET : Verdict.TRUSTED;
    }

    private static boolean failed(List<Finding> findings) {
        return findings.stream().anyMatch(each -> each.outcome() == Finding.Outcome.FAIL);
    }

    /// The report for a person, in lines that end in a line feed.
    ///
    /// @param colour whether to write green and red as terminals understand them
    public String text(boolean colour) {
        return new ReportText(this, colour).write();
    }

    /// The report for programs; see docs/protocol/attestation-policy.md.
    public String json() {
        SequencedMap<String, JsonValue> report = new LinkedHashMap<>();
        report.put("schema", new JsonText(SCHEMA));
        report.put("verdict", new JsonText(verdict().name()));
        report.put("level", new JsonText(level.id()));
        report.put("at", new JsonText(at.toString()));
        report.put("claims", new JsonArray(claims.stream().map(Json::of).toList()));
        report.put("roots", new JsonArray(roots.stream().map(Json::of).toList()));
        report.put("checks", new JsonArray(checks.stream().map(Json::of).toList()));
        report.put("rules", new JsonArray(rules.stream().map(Json::of).toList()));
        report.put("proves", new JsonText(level.proves()));
        report.put("doesNotProve", new JsonText(level.doesNotProve()));
        return JsonWriter.write(JsonWriter.object(report));
    }

    private static final class Json {
        private Json() {}

        static JsonValue of(Claim claim) {
            return texts("name", claim.name(), "value", claim.value());
        }

        static JsonValue of(Finding finding) {
            return texts(
                    "rule",
                    finding.rule(),
                    "outcome",
                    finding.outcome().name(),
                    "code",
                    finding.code(),
                    "sentence",
                    finding.sentence());
        }

        static JsonValue of(UsedRoot root) {
            SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
            members.put("name", new JsonText(root.name()));
            members.put("fingerprint", new JsonText(root.fingerprint()));
            members.put("vendor", new JsonFlag(root.vendor()));
            return JsonWriter.object(members);
        }

        private static JsonValue texts(String... namesAndValues) {
            SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
            List<String> all = new ArrayList<>(List.of(namesAndValues));
            for (int i = 0; i < all.size(); i += 2) {
                members.put(all.get(i), new JsonText(all.get(i + 1)));
            }
            return JsonWriter.object(members);
        }
    }
}
