// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.control;

import java.util.List;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.Usage;

/// What an agent knows of one lease.
///
/// @param lease which
/// @param progress how far it has come
/// @param publicKey the attachment's WireGuard key, 32 bytes in base64
/// @param endpoints where the agent's UDP port may be reached
/// @param usage the meter's reading
public record MachineReport(
        LeaseId lease,
        LeaseProgress progress,
        String publicKey,
        List<String> endpoints,
        Usage usage) {
    public MachineReport {
        endpoints = List.copyOf(endpoints);
    }
}
