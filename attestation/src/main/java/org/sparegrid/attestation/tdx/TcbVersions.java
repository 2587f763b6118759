// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Security versions of the 16 parts of a platform, a byte each.
final class TcbVersions {
    static final int COUNT = 16;

    private TcbVersions() {}

    static List<Integer> read(ByteReader in) throws EvidenceFormatException {
        List<Integer> versions = new ArrayList<>(COUNT);
        for (int i = 0; i < COUNT; i++) {
            versions.add(in.u8());
        }
        return List.copyOf(versions);
    }

    /// Whether each of `versions` from index `from` on is at least that of `minimum`.
    static boolean atLeast(List<Integer> versions, List<Integer> minimum, int from) {
        for (int i = from; i < COUNT; i++) {
            if (versions.get(i) < minimum.get(i)) {
                return false;
            }
        }
        return true;
    }
}
