// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.certificate.RevocationRule;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.json.JsonReader;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.sev.SnpTcb;
import org.sparegrid.attestation.tdx.TcbStatus;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Reads a policy; every member it does not know, and every one its level would never check, is
/// refused.
///
/// Source: docs/protocol/attestation-policy.md, section 2.
public final class PolicyReader {
    /// Longest policy read.
    public static final int LENGTH_BYTES_MAX = 256 * 1024;

    private static final int VERSION = 1;
    private static final int LIST_MAX = 1_000;
    private static final int SHA256_BYTES = 32;
    private static final int MEASUREMENT_BYTES = 48;
    private static final int REGISTER_MAX = 23;
    private static final int PER_HOST_MAX = 1_000;
    private static final List<String> PRODUCTS = List.of("milan", "genoa", "turin");
    private static final Map<String, RevocationRule> REVOCATION =
            Map.of(
                    "required",
                    RevocationRule.REQUIRED,
                    "if-published",
                    RevocationRule.IF_PUBLISHED,
                    "if-present",
                    RevocationRule.IF_PRESENT);

    private PolicyReader() {}

    /// Reads the one policy that fills `bytes`.
    ///
    /// @throws EvidenceFormatException saying what is wrong where, with the nearest known name
    public static Policy read(byte[] bytes) throws EvidenceFormatException {
        JsonMembers all =
                JsonMembers.of("policy", JsonReader.object("policy", bytes, LENGTH_BYTES_MAX));
        all.number("version", VERSION, VERSION);
        Level level = Level.named(all.word("level", Level.ids())).orElseThrow();
        Policy preset = Presets.of(level);
        Optional<JsonMembers> tpm = all.optionalMembers("tpm");
        Optional<JsonMembers> boot = all.optionalMembers("boot");
        Optional<JsonMembers> machine = all.optionalMembers("machine");
        Optional<JsonMembers> tee = all.optionalMembers("tee");
        all.end();
        boolean identified = level == Level.IDENTIFIED || level == Level.MEASURED;
        unchecked(level, "tpm", tpm, identified);
        unchecked(level, "boot", boot, level == Level.MEASURED);
        unchecked(level, "machine", machine, level == Level.MEASURED);
        unchecked(level, "tee", tee, level == Level.CONFIDENTIAL);
        return new Policy(
                level,
                tpm.isPresent() ? tpm(tpm.get(), preset.tpm()) : preset.tpm(),
                boot.isPresent() ? boot(boot.get(), preset.boot()) : preset.boot(),
                machine.isPresent() ? machine(machine.get(), preset.machine()) : preset.machine(),
                tee.isPresent() ? tee(tee.get(), preset.tee()) : preset.tee());
    }

    private static void unchecked(
            Level level, String section, Optional<JsonMembers> members, boolean checked)
            throws EvidenceFormatException {
        if (members.isPresent() && !checked) {
            throw new EvidenceFormatException(
                    "policy." + section + ": level " + level.id() + " checks no " + section);
        }
    }

    private static Policy.TpmRules tpm(JsonMembers tpm, Policy.TpmRules preset)
            throws EvidenceFormatException {
        Policy.TpmRules rules =
                new Policy.TpmRules(
                        tpm.has("manufacturers") ? manufacturers(tpm) : preset.manufacturers(),
                        allowed(tpm, "software", preset.softwareAllowed()),
                        tpm.has("denyKeys") ? digests(tpm, "denyKeys") : preset.deniedKeys(),
                        revocation(tpm, preset.revocation()),
                        tpm.has("keyProof")
                                ? tpm.word("keyProof", List.of("buyer", "vouched"))
                                        .equals("vouched")
                                : preset.vouchedAllowed());
        tpm.end();
        return rules;
    }

    private static Set<String> manufacturers(JsonMembers tpm) throws EvidenceFormatException {
        List<String> names = tpm.texts("manufacturers", 1, LIST_MAX);
        for (String name : names) {
            if (!name.matches("[A-Za-z]{2,4}|[0-9A-F]{8}")) {
                throw tpm.wrong(
                        "manufacturers",
                        "letters of a maker, such as INTC, or 8 hexadecimal digits",
                        "another text");
            }
        }
        return Set.copyOf(names);
    }

    private static Policy.BootRules boot(JsonMembers boot, Policy.BootRules preset)
            throws EvidenceFormatException {
        boolean secure =
                boot.has("secureBoot") ? required(boot, "secureBoot") : preset.secureBootRequired();
        Map<Integer, Set<Octets>> registers = new TreeMap<>();
        Optional<JsonMembers> named = boot.optionalMembers("pcr");
        Optional<JsonMembers> versions = boot.optionalMembers("appliances");
        boot.end();
        if (named.isPresent()) {
            for (String name : named.get().names()) {
                if (!name.matches("[0-9]|1[0-9]|2[0-3]")) {
                    throw named.get().wrong(name, "PCR 0 to " + REGISTER_MAX, "another name");
                }
                registers.put(Integer.parseInt(name), values(named.get(), name, SHA256_BYTES, ""));
            }
        }
        return new Policy.BootRules(
                secure,
                versions.isPresent() ? appliances(versions.get()) : preset.appliances(),
                registers);
    }

    private static Map<String, ApplianceBoot> appliances(JsonMembers versions)
            throws EvidenceFormatException {
        Map<String, ApplianceBoot> appliances = new TreeMap<>();
        for (String version : versions.names()) {
            if (!ApplianceReference.isVersion(version)) {
                throw new EvidenceFormatException(
                        versions.path()
                                + ": expected names of versions of 1 to 64 letters, digits, '.',"
                                + " '_', '+' and '-', got another name");
            }
            JsonMembers values = versions.members(version);
            appliances.put(version, ApplianceMembers.read(values));
            values.end();
        }
        if (appliances.isEmpty() || appliances.size() > LIST_MAX) {
            throw new EvidenceFormatException(
                    versions.path()
                            + ": expected 1 to "
                            + LIST_MAX
                            + " versions, got "
                            + appliances.size());
        }
        return appliances;
    }

    private static Policy.MachineRules machine(JsonMembers machine, Policy.MachineRules preset)
            throws EvidenceFormatException {
        Policy.MachineRules rules =
                new Policy.MachineRules(
                        machine.has("images")
                                ? values(machine, "images", SHA256_BYTES, "sha256:")
                                : preset.images(),
                        machine.has("perHost")
                                ? (int) machine.number("perHost", 1, PER_HOST_MAX)
                                : preset.perHostMax());
        machine.end();
        return rules;
    }

    private static Policy.TeeRules tee(JsonMembers tee, Policy.TeeRules preset)
            throws EvidenceFormatException {
        Policy.TeeRules rules =
                new Policy.TeeRules(
                        tee.has("anyOf")
                                ? words(tee, "anyOf", TeeKind.ids(), TeeKind::named)
                                : preset.kinds(),
                        tee.has("products")
                                ? words(tee, "products", PRODUCTS, Function.identity())
                                : preset.products(),
                        tee.has("minTcb") ? tcb(tee.members("minTcb")) : preset.minimumTcb(),
                        tee.has("tcbStatus")
                                ? words(
                                        tee,
                                        "tcbStatus",
                                        java.util.Arrays.stream(TcbStatus.values())
                                                .map(TcbStatus::id)
                                                .toList(),
                                        word -> TcbStatus.named(word).orElseThrow())
                                : preset.statuses(),
                        allowed(tee, "debug", preset.debugAllowed()),
                        allowed(tee, "migration", preset.migrationAllowed()),
                        tee.has("aliasCheck")
                                ? required(tee, "aliasCheck")
                                : preset.aliasCheckRequired(),
                        revocation(tee, preset.revocation()),
                        tee.has("measurements")
                                ? values(tee, "measurements", MEASUREMENT_BYTES, "")
                                : preset.measurements());
        tee.end();
        return rules;
    }

    private static SnpTcb tcb(JsonMembers tcb) throws EvidenceFormatException {
        SnpTcb minimum =
                new SnpTcb(
                        version(tcb, "frontEnd"),
                        version(tcb, "bootLoader"),
                        version(tcb, "trustedOs"),
                        version(tcb, "snp"),
                        version(tcb, "microcode"));
        tcb.end();
        return minimum;
    }

    private static int version(JsonMembers tcb, String name) throws EvidenceFormatException {
        return tcb.has(name) ? (int) tcb.number(name, 0, 255) : 0;
    }

    private static boolean allowed(JsonMembers members, String name, boolean preset)
            throws EvidenceFormatException {
        return members.has(name)
                ? members.word(name, List.of("deny", "allow")).equals("allow")
                : preset;
    }

    private static boolean required(JsonMembers members, String name)
            throws EvidenceFormatException {
        return members.word(name, List.of("required", "any")).equals("required");
    }

    private static RevocationRule revocation(JsonMembers members, RevocationRule preset)
            throws EvidenceFormatException {
        if (!members.has("revocation")) {
            return preset;
        }
        List<String> words = List.of("required", "if-published", "if-present");
        return REVOCATION.getOrDefault(members.word("revocation", words), preset);
    }

    private static <T> Set<T> words(
            JsonMembers members, String name, List<String> words, Function<String, T> meaning)
            throws EvidenceFormatException {
        List<String> all = members.texts(name, 1, LIST_MAX);
        for (String word : all) {
            members.oneOf(name, word, words);
        }
        return all.stream().map(meaning).collect(Collectors.toUnmodifiableSet());
    }

    private static Set<String> digests(JsonMembers members, String name)
            throws EvidenceFormatException {
        return values(members, name, SHA256_BYTES, "sha256:").stream()
                .map(Octets::toString)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Set<Octets> values(
            JsonMembers members, String name, int lengthBytes, String prefix)
            throws EvidenceFormatException {
        Set<Octets> values = new HashSet<>();
        for (String text : members.texts(name, 1, LIST_MAX)) {
            if (!text.startsWith(prefix)) {
                throw members.wrong(name, "'" + prefix + "' before each", "another text");
            }
            values.add(
                    Octets.of(members.hexOf(name, text.substring(prefix.length()), lengthBytes)));
        }
        return values;
    }
}
