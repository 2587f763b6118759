// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// A level of firmware that Intel rates: it holds for whoever has at least these versions.
///
/// @param tcb the versions, read by who knows of what
/// @param date when the level was published
/// @param advisories numbers of Intel's advisories that the level does not mend
record TcbLevel(JsonMembers tcb, Instant date, TcbStatus status, List<String> advisories) {
    /// Most levels of an answer; Intel publishes about ten.
    static final int LEVELS_MAX = 256;

    private static final int ADVISORIES_MAX = 256;

    TcbLevel {
        advisories = List.copyOf(advisories);
    }

    static List<TcbLevel> listOf(JsonMembers answer) throws EvidenceFormatException {
        List<TcbLevel> levels = new ArrayList<>();
        for (JsonMembers level : answer.list("tcbLevels", LEVELS_MAX)) {
            String word = level.text("tcbStatus");
            TcbStatus status =
                    TcbStatus.named(word)
                            .orElseThrow(
                                    () -> level.wrong("tcbStatus", "Intel's words", "another"));
            levels.add(
                    new TcbLevel(
                            level.members("tcb"),
                            SignedAnswer.instant(level, "tcbDate"),
                            status,
                            level.has("advisoryIDs")
                                    ? level.texts("advisoryIDs", 0, ADVISORIES_MAX)
                                    : List.of()));
        }
        return levels;
    }

    /// Security versions of the 16 parts in the member `name`.
    List<Integer> versions(String name) throws EvidenceFormatException {
        List<Integer> versions = new ArrayList<>();
        for (JsonMembers part : tcb.list(name, TcbVersions.COUNT)) {
            versions.add((int) part.number("svn", 0, 0xff));
        }
        if (versions.size() != TcbVersions.COUNT) {
            throw tcb.wrong(name, TcbVersions.COUNT + " versions", "" + versions.size());
        }
        return versions;
    }
}
