// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.util.HashMap;
import java.util.Map;
import org.sparegrid.virtualethernet.network.PublicKey;

/// The peers of one attachment whose paths carry less than its network sends. Belongs to whoever
/// holds its lock.
final class Carried {
    private final Map<PublicKey, Integer> narrow = new HashMap<>();
    private int wanted;

    /// The network's largest packet from now on; the longest datagram that it makes.
    int want(int mtu) {
        wanted = Encapsulation.datagramBytes(mtu);
        narrow.values().removeIf(each -> each >= wanted);
        return wanted;
    }

    /// What the path to a peer carries was found, or is not known any more, which is 0.
    void found(PublicKey peer, int datagramBytes) {
        if (datagramBytes == 0 || datagramBytes >= wanted) {
            narrow.remove(peer);
        } else {
            narrow.put(peer, datagramBytes);
        }
    }

    /// The longest packet on the Ethernet for a peer, if its path limits it, else the largest
    /// number.
    ///
    /// @param fast whether it leaves as a fast frame
    int mtu(PublicKey peer, boolean fast) {
        Integer carried = narrow.isEmpty() ? null : narrow.get(peer);
        return carried == null ? Integer.MAX_VALUE : Encapsulation.mtu(carried, fast);
    }
}
