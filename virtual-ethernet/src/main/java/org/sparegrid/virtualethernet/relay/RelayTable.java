// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.relay;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

/// The relays that this process has heard of, each with a number. Safe for many threads.
public final class RelayTable {
    /// Relays of one process: a few per network, and room for a thousand networks.
    public static final int RELAYS_MAX = 4096;

    private final List<InetSocketAddress> relays = new CopyOnWriteArrayList<>();

    /// The number of a relay, which it keeps; empty if there are too many.
    public synchronized OptionalInt number(InetSocketAddress relay) {
        int known = relays.indexOf(relay);
        if (known >= 0) {
            return OptionalInt.of(known);
        }
        if (relays.size() == RELAYS_MAX) {
            return OptionalInt.empty();
        }
        relays.add(relay);
        return OptionalInt.of(relays.size() - 1);
    }

    /// The relay of that number.
    public Optional<InetSocketAddress> relay(int number) {
        return number < relays.size() ? Optional.of(relays.get(number)) : Optional.empty();
    }

    /// Where a packet that a relay forwarded comes from; empty if `from` is no relay of ours.
    public Optional<InetSocketAddress> origin(InetSocketAddress from, int session) {
        int number = relays.indexOf(from);
        return number < 0
                ? Optional.empty()
                : Optional.of(new RelayAddress(number, session).toSocketAddress());
    }
}
