// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.Octets;

/// What came of comparing a log with quoted registers.
public sealed interface ReplayResult {
    /// The log leads to exactly these values.
    record Explained() implements ReplayResult {}

    /// The log has no digests of the bank that was quoted.
    record NoBank(HashAlgorithm bank) implements ReplayResult {}

    /// The log leads to another value; something was left out, added or changed.
    record Differs(int register, Octets quoted, Octets replayed) implements ReplayResult {}
}
