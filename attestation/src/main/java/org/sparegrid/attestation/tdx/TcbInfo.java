// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Intel's levels of firmware for one kind of platform.
///
/// Members that are new to this reader are passed over: Intel adds some without a new version.
///
/// Source: Intel PCS API v4, TCB info version 3.
final class TcbInfo {
    private static final int MODULES_MAX = 64;
    private static final int DIGEST = 48;

    private final JsonMembers info;
    private final List<TcbLevel> levels;

    TcbInfo(JsonMembers info) throws EvidenceFormatException {
        this.info = info;
        info.word("id", List.of("TDX"));
        info.number("version", 3, 3);
        this.levels = TcbLevel.listOf(info);
    }

    long evaluation() throws EvidenceFormatException {
        return info.number("tcbEvaluationDataNumber", 0, Integer.MAX_VALUE);
    }

    boolean covers(PckExtensions platform) throws EvidenceFormatException {
        return Octets.of(info.hex("fmspc", 6)).equals(platform.platform())
                && Octets.of(info.hex("pceId", 2)).equals(platform.certifier());
    }

    /// Whether Intel names the TDX module that made the statement.
    boolean moduleMatches(TdBody body) throws EvidenceFormatException {
        Optional<JsonMembers> module = module(body);
        if (module.isEmpty()) {
            return false;
        }
        Octets mask = Octets.of(module.get().hex("attributesMask", 8));
        return Octets.of(module.get().hex("mrsigner", DIGEST)).equals(body.moduleSigner())
                && Octets.of(module.get().hex("attributes", 8))
                        .equals(masked(body.moduleAttributes(), mask));
    }

    /// The level of the platform's firmware; of a newer module only the parts beside it count.
    Optional<TcbLevel> level(PckExtensions platform, TdBody body) throws EvidenceFormatException {
        int from = majorVersion(body) > 0 ? 2 : 0;
        for (TcbLevel level : levels) {
            boolean holds =
                    TcbVersions.atLeast(
                                    platform.tcbVersions(), level.versions("sgxtcbcomponents"), 0)
                            && platform.certifierVersion()
                                    >= level.tcb().number("pcesvn", 0, 0xffff)
                            && TcbVersions.atLeast(
                                    body.tcbVersions(), level.versions("tdxtcbcomponents"), from);
            if (holds) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /// Whether the module has levels of its own.
    boolean hasModuleLevels(TdBody body) {
        return majorVersion(body) > 0;
    }

    Optional<TcbLevel> moduleLevel(TdBody body) throws EvidenceFormatException {
        Optional<JsonMembers> module = module(body);
        return module.isEmpty()
                ? Optional.empty()
                : EnclaveIdentity.level(
                        TcbLevel.listOf(module.get()), body.tcbVersions().getFirst());
    }

    private Optional<JsonMembers> module(TdBody body) throws EvidenceFormatException {
        int major = majorVersion(body);
        if (major == 0) {
            return Optional.of(info.members("tdxModule"));
        }
        if (info.has("tdxModuleIdentities")) {
            String id = String.format(Locale.ROOT, "TDX_%02X", major);
            for (JsonMembers module : info.list("tdxModuleIdentities", MODULES_MAX)) {
                if (module.text("id").equals(id)) {
                    return Optional.of(module);
                }
            }
        }
        return Optional.empty();
    }

    private static int majorVersion(TdBody body) {
        return body.tcbVersions().get(1);
    }

    static Octets masked(Octets value, Octets mask) {
        byte[] bytes = value.toBytes();
        byte[] keep = mask.toBytes();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= keep[i];
        }
        return Octets.of(bytes);
    }
}
