// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;
import org.sparegrid.protocol.MemberId;

/// One attachment to a network, as every other member is told of it.
///
/// @param id the attachment
/// @param name its host name
/// @param kind whether a machine or a computer of the buyer
/// @param publicKey its WireGuard key, 32 bytes in base64
/// @param tunnelAddress the IPv4 address of its end of the tunnel (VTEP)
/// @param mac its Ethernet address, as in `02:00:00:00:00:01`
/// @param address its IPv4 address on the Ethernet
/// @param endpoints where its UDP port may be reached, `address:port` or `[address]:port`, at most
///   16
/// @param openPort whether its UDP port answered when the coordinator knocked from where nothing
///   had been sent to, so that it needs no relay
public record NetworkMember(
        MemberId id,
        String name,
        Kind kind,
        String publicKey,
        String tunnelAddress,
        String mac,
        String address,
        List<String> endpoints,
        boolean openPort) {
    /// What an attachment stands for.
    public enum Kind {
        /// A seller's guest: one address, strictly checked.
        MACHINE,
        /// A computer of the buyer.
        HOST
    }

    public NetworkMember {
        endpoints = List.copyOf(endpoints);
        if (endpoints.size() > 16) {
            throw new IllegalArgumentException("member: expected at most 16 endpoints");
        }
    }
}
