// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.market.MachineSize;

/// What both ends of a trusted lease work out by themselves: no byte of it crosses the network.
///
/// Source: docs/protocol/attestation.md, section 9.
public final class TrustTerms {
    private static final int LEASE_BYTES = 16;

    private TrustTerms() {}

    /// The 16 bytes that stand for a lease: the first of its identifier's SHA-256.
    public static byte[] lease(LeaseId lease) {
        return Arrays.copyOf(sha256(lease.value()), LEASE_BYTES);
    }

    /// The digest of a machine's configuration: whoever may log in is part of it.
    public static byte[] machine(
            MachineSize size,
            String hostName,
            String network,
            int rank,
            int machines,
            List<String> authorizedKeys) {
        return sha256(
                "sparegrid machine 1\n"
                        + (size.cpus() + " " + size.memoryMebibytes() + " " + size.diskMebibytes())
                        + ("\n" + hostName + "\n" + network + "\n" + rank + " " + machines + "\n")
                        + String.join("\n", authorizedKeys));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
