// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;

/// A peer that an identity talks to.
///
/// @param key its public key
/// @param presharedKey the secret shared with it, or none
/// @param persistentKeepalive how often to send without need; zero means never
/// @param candidates addresses that may reach it
public record PeerSpec(
        PublicKey key,
        PresharedKey presharedKey,
        Duration persistentKeepalive,
        List<InetSocketAddress> candidates) {}
