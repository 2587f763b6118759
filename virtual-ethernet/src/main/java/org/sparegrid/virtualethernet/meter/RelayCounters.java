// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.meter;

/// What a relay has done since it began.
///
/// @param machines bound at the newest count, at most a second ago
/// @param forwardedPackets packets that went on
/// @param forwardedBytes their bytes, without UDP and the relay's header
/// @param droppedPackets packets for which there was no bandwidth
/// @param droppedBytes their bytes
/// @param refusedDatagrams malformed, of no session, or from the wrong address
public record RelayCounters(
        long machines,
        long forwardedPackets,
        long forwardedBytes,
        long droppedPackets,
        long droppedBytes,
        long refusedDatagrams) {}
