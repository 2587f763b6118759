// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.json.JsonMembers;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What Intel says its quoting enclave for TDX looks like.
///
/// Source: Intel PCS API v4, enclave identity version 2.
final class EnclaveIdentity {
    private final JsonMembers identity;
    private final List<TcbLevel> levels;

    EnclaveIdentity(JsonMembers identity) throws EvidenceFormatException {
        this.identity = identity;
        identity.word("id", List.of("TD_QE"));
        identity.number("version", 2, 2);
        this.levels = TcbLevel.listOf(identity);
    }

    long evaluation() throws EvidenceFormatException {
        return identity.number("tcbEvaluationDataNumber", 0, Integer.MAX_VALUE);
    }

    boolean matches(EnclaveReport report) throws EvidenceFormatException {
        long select = number("miscselect");
        long selectMask = number("miscselectMask");
        Octets mask = Octets.of(identity.hex("attributesMask", 16));
        return (report.miscSelect() & selectMask) == select
                && TcbInfo.masked(report.attributes(), mask)
                        .equals(Octets.of(identity.hex("attributes", 16)))
                && report.signer().equals(Octets.of(identity.hex("mrsigner", 32)))
                && report.productId() == identity.number("isvprodid", 0, 0xffff);
    }

    Optional<TcbLevel> level(int securityVersion) throws EvidenceFormatException {
        return level(levels, securityVersion);
    }

    static Optional<TcbLevel> level(List<TcbLevel> levels, int securityVersion)
            throws EvidenceFormatException {
        for (TcbLevel level : levels) {
            if (securityVersion >= level.tcb().number("isvsvn", 0, 0xffff)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /// Intel writes these four bytes as a big-endian number.
    private long number(String name) throws EvidenceFormatException {
        return Integer.toUnsignedLong(ByteBuffer.wrap(identity.hex(name, 4)).getInt());
    }
}
