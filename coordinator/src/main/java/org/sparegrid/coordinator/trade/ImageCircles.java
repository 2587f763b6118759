// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.Neighbour;

/// Which sellers' computers exchange the chunks of an image: those of one site that run it for one
/// account. See docs/protocol/chunk-exchange.md, section 2.
///
/// It lives in memory: agents tell again in each session, and without it they fetch from here.
final class ImageCircles {
    private static final System.Logger LOGGER = System.getLogger(ImageCircles.class.getName());

    /// For so long agents exchange without hearing from us.
    private static final Duration NAMED = Duration.ofMinutes(2);

    /// How often they hear from us while any of them still lacks something.
    private static final Duration RENEWED = Duration.ofSeconds(50);

    /// What one seller may share at once: more than a computer has slots.
    private static final int IMAGES_OF_SELLER_MAX = 100;

    /// What an agent may say at once that it got: more than any image has.
    private static final long COUNTED_BYTES_MAX = 64L << 30;

    private final Exchange exchange;
    private final Map<Key, Circle> circles = new LinkedHashMap<>();
    private final Map<SellerId, Set<Key>> keysOf = new HashMap<>();
    private final Set<Circle> changed = new LinkedHashSet<>();
    private final Set<Told> asking = new LinkedHashSet<>();
    private final LongAdder exchangedBytes = new LongAdder();
    private Instant renewal = Instant.EPOCH;

    /// @param number from 0: a site may have more computers than a circle takes
    private record Key(AccountId account, ImageId image, String site, int number) {}

    private record Member(Neighbour self, long gotBytes) {}

    private static final class Circle {
        private final Map<SellerId, Member> members = new LinkedHashMap<>();

        private boolean isFull() {
            return members.size() > CoordinatorMessage.Neighbours.MAX;
        }

        private boolean lacksNothing() {
            return members.values().stream().allMatch(member -> member.self.whole());
        }
    }

    ImageCircles(Exchange exchange) {
        this.exchange = exchange;
    }

    void measure(Metrics metrics) {
        metrics.counter(
                "sparegrid.images.exchanged.bytes",
                "Bytes of chunks that sellers' computers got from each other, as they say.",
                exchangedBytes::sum);
    }

    /// An agent would exchange an image with neighbours; or something of it has changed.
    synchronized void shared(SellerId seller, AgentMessage.ImageShared shared) {
        Optional<String> caller = exchange.sessions().address(seller);
        Optional<String> site = caller.flatMap(address -> Sites.of(address, shared.pool()));
        Set<Key> mine = keysOf.getOrDefault(seller, new LinkedHashSet<>());
        if (site.isEmpty() || mine.size() >= IMAGES_OF_SELLER_MAX) {
            return;
        }
        keysOf.put(seller, mine);
        Neighbour self =
                new Neighbour(
                        shared.self().certificate(),
                        shared.self().endpoints().stream()
                                .filter(endpoint -> Sites.mayBeNamed(endpoint, caller.get()))
                                .toList(),
                        shared.self().whole());
        List<AccountId> accounts =
                exchange.read(tx -> tx.images().accountsOf(seller, shared.image()));
        Set<Key> before = keys(seller, shared.image());
        for (AccountId account : accounts) {
            Key key = place(seller, account, shared.image(), site.get());
            before.remove(key);
            mine.add(key);
            Circle circle = circles.computeIfAbsent(key, _ -> new Circle());
            Member was = circle.members.put(seller, new Member(self, shared.gotBytes()));
            count(was, shared.gotBytes());
            if (was == null || !was.self.equals(self)) {
                changed.add(circle);
            }
        }
        // It may have forgotten what it was told.
        asking.add(new Told(seller, shared.image()));
        before.forEach(key -> leave(seller, key));
        forgetIfNone(seller);
    }

    /// It does so no more.
    synchronized void unshared(SellerId seller, AgentMessage.ImageUnshared gone) {
        for (Key key : keys(seller, gone.image())) {
            count(member(seller, key), gone.gotBytes());
            leave(seller, key);
        }
        forgetIfNone(seller);
    }

    /// Tells agents of changes, and now and then that nothing has changed.
    synchronized void tick() {
        Instant now = exchange.now();
        if (!now.isBefore(renewal)) {
            renewal = now.plus(RENEWED);
            removeThoseWithoutLease();
            circles.values().stream().filter(each -> !each.lacksNothing()).forEach(changed::add);
        }
        Set<Told> told = new LinkedHashSet<>(asking);
        asking.clear();
        circles.forEach((key, circle) -> {
            if (changed.contains(circle)) {
                circle.members.keySet().forEach(seller -> told.add(new Told(seller, key.image)));
            }
        });
        changed.clear();
        told.forEach(this::tell);
    }

    private record Told(SellerId seller, ImageId image) {}

    /// The neighbours of a seller whose leases of one image may be of several accounts.
    private void tell(Told told) {
        if (keys(told.seller, told.image).isEmpty()) {
            return;
        }
        Map<SellerId, Neighbour> neighbours = new LinkedHashMap<>();
        for (Key key : keys(told.seller, told.image)) {
            circle(key)
                    .members
                    .forEach((seller, member) -> {
                        if (!seller.equals(told.seller)
                                && neighbours.size() < CoordinatorMessage.Neighbours.MAX) {
                            neighbours.put(seller, member.self);
                        }
                    });
        }
        exchange.sessions()
                .send(
                        told.seller,
                        new CoordinatorMessage.Neighbours(
                                told.image,
                                NAMED.toSeconds(),
                                neighbours.values().stream()
                                        .sorted(Comparator.comparing(Neighbour::certificate))
                                        .toList()));
    }

    private void removeThoseWithoutLease() {
        List<SellerId> sellers = new ArrayList<>(keysOf.keySet());
        for (SellerId seller : sellers) {
            for (Key key : new ArrayList<>(keysOf.get(seller))) {
                if (!exchange.read(tx -> tx.images().accountsOf(seller, key.image))
                        .contains(key.account)) {
                    leave(seller, key);
                }
            }
            forgetIfNone(seller);
        }
    }

    /// The circle where the seller is, or the first that has room.
    private Key place(SellerId seller, AccountId account, ImageId image, String site) {
        for (int number = 0; ; number++) {
            Key key = new Key(account, image, site, number);
            Circle circle = circles.get(key);
            if (circle == null || circle.members.containsKey(seller) || !circle.isFull()) {
                return key;
            }
        }
    }

    private Circle circle(Key key) {
        Circle found = circles.get(key);
        return found == null ? new Circle() : found;
    }

    private @Nullable Member member(SellerId seller, Key key) {
        return circle(key).members.get(seller);
    }

    private Set<Key> keys(SellerId seller, ImageId image) {
        Set<Key> keys = new LinkedHashSet<>(keysOf.getOrDefault(seller, Set.of()));
        keys.removeIf(key -> !key.image.equals(image));
        return keys;
    }

    private void leave(SellerId seller, Key key) {
        Circle circle = circle(key);
        circle.members.remove(seller);
        keysOf.getOrDefault(seller, new LinkedHashSet<>()).remove(key);
        if (circle.members.isEmpty()) {
            circles.remove(key);
            changed.remove(circle);
        } else {
            changed.add(circle);
        }
        LOGGER.log(
                System.Logger.Level.DEBUG,
                () -> "image shared no more seller=" + seller + " image=" + key.image);
    }

    private void forgetIfNone(SellerId seller) {
        if (keysOf.getOrDefault(seller, Set.of()).isEmpty()) {
            keysOf.remove(seller);
        }
    }

    /// A figure for the operator: an agent's word, which nothing else depends on.
    private void count(@Nullable Member before, long gotBytes) {
        long told = before == null ? 0 : before.gotBytes;
        if (gotBytes > told && gotBytes - told < COUNTED_BYTES_MAX) {
            exchangedBytes.add(gotBytes - told);
        }
    }
}
