// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What an agent tells the buyer of a machine about its trust, relayed by the coordinator.
///
/// Source: docs/protocol/attestation.md, section 9.
public sealed interface TrustAnswer {
    /// The machine is made and stands still; it can be challenged.
    record Ready() implements TrustAnswer {}

    /// The evidence that was asked for.
    ///
    /// @param nonce of the question, by which its asker knows the answer; the quote proves it
    /// @param parts the evidence's bytes, cut
    record Evidence(Blob nonce, List<Blob> parts) implements TrustAnswer {
        /// Evidence of 1 MiB at most; boot logs have some ten KiB.
        private static final int PARTS_MAX = 16;

        public Evidence {
            parts = List.copyOf(parts);
            if (parts.size() > PARTS_MAX) {
                throw new IllegalArgumentException(
                        "evidence: expected at most " + PARTS_MAX + " parts");
            }
        }

        /// Cuts evidence into parts.
        public static Evidence of(Blob nonce, byte[] bytes) {
            List<Blob> parts = new ArrayList<>();
            for (int at = 0; at < bytes.length; at += Blob.LENGTH_MAX_BYTES) {
                int end = Math.min(bytes.length, at + Blob.LENGTH_MAX_BYTES);
                parts.add(new Blob(Arrays.copyOfRange(bytes, at, end)));
            }
            return new Evidence(nonce, parts);
        }

        /// The evidence in one piece.
        public byte[] toBytes() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            parts.forEach(part -> all.writeBytes(part.toBytes()));
            return all.toByteArray();
        }
    }

    /// Shows that the secret was opened.
    record Proof(Blob proof) implements TrustAnswer {}

    /// The agent can't do what was asked.
    record Failed(String why) implements TrustAnswer {
        public Failed {
            if (why.length() > 400) {
                throw new IllegalArgumentException("failure: expected at most 400 characters");
            }
        }
    }
}
