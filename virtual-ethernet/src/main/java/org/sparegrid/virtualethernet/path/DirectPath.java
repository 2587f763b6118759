// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reaches a peer directly at one of its announced addresses, or wherever it writes from.
///
/// A first attempt goes to the address in use. Later ones also go to candidates, a few at a time in
/// turn. The copies are of one message, of which the peer answers the first it gets.
public final class DirectPath implements PeerPath {
    /// Candidates per attempt: finds a good one within a few seconds, and aims no more than this
    /// many small packets per attempt at addresses that may be wrong.
    static final int CANDIDATES_PER_ATTEMPT = 4;

    private List<InetSocketAddress> candidates = List.of();
    private @Nullable InetSocketAddress inUse;

    /// A path without any address yet.
    public DirectPath() {}

    @Override
    public void offer(List<InetSocketAddress> offered) {
        candidates = List.copyOf(offered);
    }

    @Override
    public List<InetSocketAddress> handshakeTargets(int attempt) {
        Set<InetSocketAddress> targets = new LinkedHashSet<>();
        if (inUse != null) {
            targets.add(inUse);
            if (attempt == 0) {
                return List.copyOf(targets);
            }
        }
        int count = Math.min(CANDIDATES_PER_ATTEMPT, candidates.size());
        for (int i = 0; i < count; i++) {
            targets.add(candidates.get((attempt * count + i) % candidates.size()));
        }
        return List.copyOf(targets);
    }

    @Override
    public Optional<InetSocketAddress> dataTarget() {
        return Optional.ofNullable(inUse);
    }

    @Override
    public Optional<InetSocketAddress> inUse() {
        return Optional.ofNullable(inUse);
    }

    @Override
    public void authenticated(InetSocketAddress from) {
        inUse = from;
    }
}
