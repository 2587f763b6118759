// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm;

import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// How long a TPM has run and how often it was started, TPMS_CLOCK_INFO.
///
/// A TPM shows these plainly only to keys of the endorsement and platform hierarchies.
///
/// @param clockMillis time that the TPM was powered, in all its life
/// @param resetCount number of resets since its owner cleared it
/// @param restartCount number of resumes and restarts since the reset
/// @param safe whether the clock has never been larger than now
public record ClockInfo(long clockMillis, long resetCount, long restartCount, boolean safe) {
    static ClockInfo read(ByteReader in) throws EvidenceFormatException {
        long clockMillis = in.u64();
        long resetCount = in.u32();
        long restartCount = in.u32();
        int at = in.offset();
        int safe = in.u8();
        in.check(safe <= 1, "0 or 1", at, safe);
        return new ClockInfo(clockMillis, resetCount, restartCount, safe == 1);
    }

    /// Reads the 17 bytes of a clock.
    public static ClockInfo parse(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("clock", bytes);
        ClockInfo clock = read(in);
        in.end();
        return clock;
    }

    /// Appends the 17 bytes of the clock.
    public void write(ByteWriter out) {
        out.u64(clockMillis).u32(resetCount).u32(restartCount).u8(safe ? 1 : 0);
    }

    /// Whether the TPM has run on since `earlier` without a reset or restart and without its clock
    /// being set back.
    public boolean continues(ClockInfo earlier) {
        return safe
                && resetCount == earlier.resetCount
                && restartCount == earlier.restartCount
                && Long.compareUnsigned(clockMillis, earlier.clockMillis) >= 0;
    }
}
