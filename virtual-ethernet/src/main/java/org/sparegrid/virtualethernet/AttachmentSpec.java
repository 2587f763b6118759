// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.time.Duration;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PresharedKey;

/// How one machine joins one network.
///
/// @param keyPair keys of this attachment, used for no other
/// @param role how far the local machine is trusted
/// @param presharedKey secret of the network, or [PresharedKey#NONE]
/// @param persistentKeepalive how often to send to every peer though there is nothing to say, so
///   that address translators keep the way back open; zero means never
/// @param offer what the local machine does for others; only of the owner of the network
public record AttachmentSpec(
        KeyPair keyPair,
        Role role,
        PresharedKey presharedKey,
        Duration persistentKeepalive,
        GatewayOffer offer) {
    /// Who sits at the local port.
    public enum Role {
        /// A guest that may be hostile: it can send only as the member it is.
        MACHINE,
        /// The owner of the network on a computer of theirs; may bridge if the map says so.
        HOST
    }

    /// Checks the interval, which WireGuard limits to 65,535 seconds.
    public AttachmentSpec {
        if (persistentKeepalive.isNegative() || persistentKeepalive.toSeconds() > 65_535) {
            throw new IllegalArgumentException(
                    "attachment: expected a keepalive of 0 to 65535 s, got " + persistentKeepalive);
        }
        if (role == Role.MACHINE && !offer.equals(GatewayOffer.NONE)) {
            throw new IllegalArgumentException("attachment: a machine is no gateway");
        }
    }

    /// An attachment that does nothing for others.
    public AttachmentSpec(
            KeyPair keyPair, Role role, PresharedKey presharedKey, Duration persistentKeepalive) {
        this(keyPair, role, presharedKey, persistentKeepalive, GatewayOffer.NONE);
    }

    /// An attachment without preshared key and keepalive.
    public static AttachmentSpec of(KeyPair keyPair, Role role) {
        return new AttachmentSpec(keyPair, role, PresharedKey.NONE, Duration.ZERO);
    }
}
