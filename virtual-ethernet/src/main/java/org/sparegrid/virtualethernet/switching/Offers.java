// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.PublicKey;

/// What the gateways of a network have announced. Each says it anew in every session, so what is
/// old is of a gateway that is gone.
final class Offers {
    /// Two sessions and a bit.
    private static final long HOLDS_NANOS = 300_000_000_000L;

    private record Offer(GatewayOffer offer, long untilNanos) {}

    private final Map<PublicKey, Offer> offers = new HashMap<>();

    /// Takes note of what a member does, if it is one that may.
    void learn(Member member, GatewayOffer offer, long nowNanos) {
        if (offer.equals(GatewayOffer.NONE) || !member.bridge()) {
            offers.remove(member.publicKey());
        } else {
            offers.put(member.publicKey(), new Offer(offer, nowNanos + HOLDS_NANOS));
        }
    }

    GatewayOffer of(Member member) {
        Offer offer = offers.get(member.publicKey());
        return offer == null ? GatewayOffer.NONE : offer.offer;
    }

    /// The gateways that do something, in the order of the map.
    List<Member> all(Directory directory, Predicate<GatewayOffer> does) {
        return offers.isEmpty()
                ? List.of()
                : directory.bridges.stream().filter(member -> does.test(of(member))).toList();
    }

    /// One gateway that does something.
    Optional<Member> any(Directory directory, Predicate<GatewayOffer> does) {
        return all(directory, does).stream().findFirst();
    }

    void sweep(@Nullable Directory directory, long nowNanos) {
        offers.entrySet()
                .removeIf(entry ->
                        nowNanos >= entry.getValue().untilNanos
                                || directory == null
                                || directory.byKey(entry.getKey()) == null);
    }
}
