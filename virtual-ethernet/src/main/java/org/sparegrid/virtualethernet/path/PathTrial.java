// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;

/// An address at which a peer was looked for.
///
/// @param address of the machine, or of a NAT before it
/// @param used whether packets go there now
/// @param answers whether it has answered lately
/// @param unanswered pings since the newest answer
/// @param roundTripNanos usual time of an answer, negative if there was none
public record PathTrial(
        InetSocketAddress address,
        boolean used,
        boolean answers,
        int unanswered,
        long roundTripNanos) {}
