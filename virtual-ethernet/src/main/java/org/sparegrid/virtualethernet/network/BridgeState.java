// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.network;

/// What a gateway does with frames between its LAN and the overlay.
public enum BridgeState {
    /// It is none.
    NONE,
    /// It has just started and looks for others first; nothing passes.
    LISTENING,
    /// Frames pass.
    FORWARDING,
    /// Another gateway of the same network serves the same LAN; nothing passes.
    STANDBY,
    /// There is a second way between the LAN and the overlay; nothing passes.
    LOOP
}
