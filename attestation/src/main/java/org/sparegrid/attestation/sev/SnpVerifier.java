// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.sev;

import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Checks that a report was signed by an endorsed key and speaks of that key's chip and firmware.
///
/// Whether what the report says is good enough is for a policy to decide.
public final class SnpVerifier {
    /// What came of checking a report.
    public sealed interface Result {
        /// The report is what the processor said.
        ///
        /// @param tcb firmware versions that the key, and so the report, is bound to
        record Verified(SnpReport report, SnpProduct product, SnpTcb tcb) implements Result {}

        /// The report is not believed.
        record Refused(SnpRefusal refusal) implements Result {}
    }

    private SnpVerifier() {}

    /// Checks a report against the key that is said to have signed it.
    public static Result verify(byte[] report, SnpEndorsement endorsement) {
        try {
            return verify(SnpReport.parse(report), endorsement);
        } catch (EvidenceFormatException malformed) {
            return refused(SnpRefusal.Code.FORMAT, malformed.getMessage() + "");
        }
    }

    private static Result verify(SnpReport report, SnpEndorsement by)
            throws EvidenceFormatException {
        if (report.signingKey() != by.kind()) {
            return refused(
                    SnpRefusal.Code.WRONG_KEY,
                    "the report names a " + report.signingKey() + ", the key is a " + by.kind());
        }
        if (report.product().isPresent() && report.product().get() != by.product()) {
            return refused(
                    SnpRefusal.Code.WRONG_KEY,
                    "the report is of "
                            + report.product().get().id()
                            + ", the key of "
                            + by.product().id());
        }
        if (!report.signedBy(by.key())) {
            return refused(SnpRefusal.Code.SIGNATURE, "the report is not signed by the given key");
        }
        if (by.chipId().isPresent() && !chipMatches(report, by.chipId().get())) {
            return refused(SnpRefusal.Code.WRONG_KEY, "the report names another chip than the key");
        }
        SnpTcb reported = report.reportedTcb(by.product());
        if (!reported.equals(by.tcb())) {
            return refused(
                    SnpRefusal.Code.TCB,
                    "the report states " + reported + ", the key is bound to " + by.tcb());
        }
        return new Result.Verified(report, by.product(), reported);
    }

    /// A host may hide the chip's number; the key, which is the chip's own, still names it.
    private static boolean chipMatches(SnpReport report, Octets chipId) {
        return report.chipId().equals(chipId)
                || report.chipId().equals(Octets.repeated(0, chipId.length()));
    }

    private static Result refused(SnpRefusal.Code code, String reason) {
        return new Result.Refused(new SnpRefusal(code, reason));
    }
}
