// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.meter;

/// Why a frame or packet was not passed on. Every drop has one and is counted.
public enum DropReason {
    /// Shorter than its own headers say.
    MALFORMED,
    /// No network map yet, or the map does not name this attachment any more.
    NO_MAP,
    /// Source MAC address is not the sender's.
    SPOOFED_MAC,
    /// IPv4, IPv6 or ARP sender address is not the sender's.
    SPOOFED_ADDRESS,
    /// A DHCP answer, or a DHCP request that is not for the overlay.
    ROGUE_DHCP,
    /// An IPv6 router advertisement or redirect.
    ROUTER_ADVERTISEMENT,
    /// A VLAN tag.
    VLAN_TAG,
    /// PAUSE, LLDP, spanning tree and other frames that never leave a link.
    LINK_CONTROL,
    /// Broadcast, multicast or unknown destination beyond the allowed rate.
    FLOOD,
    /// The LAN and the overlay are joined elsewhere already.
    BRIDGE_CLOSED,
    /// No member has the destination address.
    UNKNOWN_DESTINATION,
    /// Larger than the network's MTU and not to be fragmented.
    MTU,
    /// The inner packet is not VXLAN of this network between the right addresses.
    BAD_ENCAPSULATION,
    /// Failed authentication, was seen before or has no session.
    BAD_PACKET,
    /// Waited for a handshake that did not complete, or too many waited.
    NO_SESSION,
    /// The local port, or the UDP socket, could not take it.
    PORT_FULL,
    /// What peers sent has cost as much of the processor's time as it may.
    NO_TIME
}
