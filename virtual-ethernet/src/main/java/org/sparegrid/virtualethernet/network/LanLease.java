// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

import java.net.Inet4Address;
import java.time.Duration;

/// An address that the LAN behind a gateway has given to a member.
///
/// @param mac whose it is
/// @param address what the member uses in place of its address in the map
/// @param remaining how long it holds from now on
public record LanLease(MacAddress mac, Inet4Address address, Duration remaining) {}
