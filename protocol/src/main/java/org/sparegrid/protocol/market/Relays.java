// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.List;

/// The relays of a coordinator, by which anyone may find out what lies between.
///
/// @param relays best first, at most 4
public record Relays(List<NetworkRelay> relays) {
    public Relays {
        relays = List.copyOf(relays);
        if (relays.size() > 4) {
            throw new IllegalArgumentException("relays: expected at most 4");
        }
    }
}
