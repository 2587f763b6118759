// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// The receiver indices of all sessions on one UDP port, and which identity each belongs to.
///
/// Bounded by what identities hold: four indices per peer at most. Safe for many threads.
public final class IndexTable {
    private final ConcurrentHashMap<Integer, WireGuardIdentity> owners = new ConcurrentHashMap<>();
    private final RandomGenerator random;

    /// @param random chooses the indices; safe for many threads
    public IndexTable(RandomGenerator random) {
        this.random = random;
    }

    /// Takes a free index for `owner`.
    int take(WireGuardIdentity owner) {
        while (true) {
            int index = random.nextInt();
            if (owners.putIfAbsent(index, owner) == null) {
                return index;
            }
        }
    }

    void release(int index) {
        owners.remove(index);
    }

    /// The identity that gave `index` to its peer.
    public Optional<WireGuardIdentity> owner(int index) {
        return Optional.ofNullable(owners.get(index));
    }
}
