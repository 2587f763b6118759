// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The addresses of one peer that were tried.
final class Trials {
    /// Addresses of a peer that are tried: its own list, what peers saw, and whence it wrote.
    static final int MAX = 24;

    private final Map<InetSocketAddress, Trial> byAddress = new LinkedHashMap<>();

    /// What is known of an address, which is kept if there is room.
    ///
    /// @param isNeeded trials that must not be forgotten
    @Nullable Trial of(InetSocketAddress address, Predicate<Trial> isNeeded) {
        Trial known = byAddress.get(address);
        if (known != null) {
            return known;
        }
        if (byAddress.size() >= MAX) {
            Iterator<Trial> all = byAddress.values().iterator();
            while (all.hasNext()) {
                if (!isNeeded.test(all.next())) {
                    all.remove();
                    break;
                }
            }
        }
        if (byAddress.size() >= MAX) {
            return null;
        }
        Trial added = new Trial(address);
        byAddress.put(address, added);
        return added;
    }

    Iterable<InetSocketAddress> addresses() {
        return byAddress.keySet();
    }

    /// Those of the UDP port, in the order in which they were tried first.
    List<PathTrial> tried(@Nullable Trial used, long trustNanos, long nowNanos) {
        return byAddress.values().stream()
                .filter(each -> !PunchedAddress.is(each.address()))
                .map(each -> each.tried(each == used, each.isAnswering(nowNanos, trustNanos)))
                .toList();
    }

    boolean isEmpty() {
        return byAddress.isEmpty();
    }

    /// Forgets those for which the predicate holds.
    void forget(Predicate<Trial> isUseless) {
        byAddress.values().removeIf(isUseless);
    }
}
