// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.sparegrid.virtualethernet.network.Endpoints;
import org.sparegrid.virtualethernet.relay.RelayAddress;
import org.sparegrid.virtualethernet.relay.StreamAddress;

/// What one peer is said to be reached at, by the network map and by itself, and which of it may be
/// pinged.
final class PeerAddresses {
    private final OwnAddresses own;
    private final Predicate<InetSocketAddress> forbidden;
    private List<InetSocketAddress> announced = List.of();
    private List<InetSocketAddress> called = List.of();

    PeerAddresses(OwnAddresses own, Predicate<InetSocketAddress> forbidden) {
        this.own = own;
        this.forbidden = forbidden;
    }

    /// What the network map names; returns what of it may be pinged.
    List<InetSocketAddress> announced(List<InetSocketAddress> addresses) {
        announced = List.copyOf(addresses);
        return announced.stream().filter(this::mayPing).toList();
    }

    /// What the peer itself names; whether that is news.
    boolean called(List<InetSocketAddress> addresses) {
        boolean news = !called.equals(addresses);
        called = addresses;
        return news;
    }

    boolean isEmpty() {
        return announced.isEmpty() && called.isEmpty();
    }

    /// What to try now. Inner addresses are left out of it unless the peer may be on the same LAN.
    ///
    /// @param known addresses that were tried before
    List<InetSocketAddress> targets(Iterable<InetSocketAddress> known, long nowNanos) {
        Set<InetSocketAddress> all = new LinkedHashSet<>(called);
        all.addAll(announced);
        boolean inside = own.mayShareInside(List.copyOf(all), nowNanos);
        Set<InetSocketAddress> targets = new LinkedHashSet<>();
        for (InetSocketAddress each : all) {
            if (mayPing(each) && (inside || Endpoints.isPublic(each.getAddress()))) {
                targets.add(each);
            }
        }
        known.forEach(targets::add);
        return new ArrayList<>(targets).subList(0, Math.min(Trials.MAX, targets.size()));
    }

    /// Whether an address is one of a machine outside of the overlay.
    boolean mayPing(InetSocketAddress address) {
        return Endpoints.isUsable(address)
                && !RelayAddress.is(address)
                && !StreamAddress.is(address)
                && !PunchedAddress.is(address)
                && !forbidden.test(address);
    }
}
