// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.NetworkId;
import org.sparegrid.protocol.OrderId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Prices;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.Explanation;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseEvent;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.LeaseTraffic;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.Offer;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.OrderState;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Quote;
import org.sparegrid.protocol.market.ReferencePrice;
import org.sparegrid.protocol.market.SellerExplanation;
import org.sparegrid.protocol.market.Term;
import org.sparegrid.protocol.market.Usage;
import org.sparegrid.protocol.market.VolumeUse;

/// Records for tests.
final class Samples {
    static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
    private static final ReferencePrice REFERENCE =
            new ReferencePrice(ReferencePrice.Source.LEASES, Credits.parse("0.04"), 31);
    static final SellerId SELLER = new SellerId("a1b2c3d4".repeat(5));
    static final ImageId IMAGE = new ImageId("0123456789abcdef".repeat(4));

    private Samples() {}

    static Offer offer(String name, Acceleration acceleration, String price) {
        return new Offer(
                SELLER,
                new Ask(
                        name,
                        2,
                        new MachineSize(2, 2048, 0),
                        Credits.parse(price),
                        acceleration,
                        acceleration == Acceleration.KVM
                                ? "KVM works"
                                : "/dev/kvm is not there; guests are translated by QEMU",
                        1234,
                        "0.1.0",
                        AskTraits.UNKNOWN),
                1,
                0);
    }

    static Explanation explanation() {
        Term memory = new Term.Bound(Attribute.MEMORY, Term.Relation.AT_LEAST, 4096);
        Term less = new Term.Bound(Attribute.MEMORY, Term.Relation.AT_LEAST, 2048);
        Term north = new Term.Names(Attribute.COUNTRY, true, List.of("SE", "FI"));
        return new Explanation(
                2,
                1,
                1,
                0,
                Credits.parse("0.05"),
                12,
                1,
                List.of(new Explanation.Reason(memory, 3, 2), new Explanation.Reason(north, 1, 0)),
                List.of(
                        new Explanation.Relaxation(
                                memory, new Query(List.of(less)), Credits.parse("0.11")),
                        new Explanation.Relaxation(north, Query.ANY, Credits.parse("0.12"))));
    }

    static Prices prices() {
        return new Prices(
                REFERENCE,
                List.of(
                        new Prices.Hour(
                                START,
                                4,
                                Credits.parse("0.02"),
                                Credits.parse("0.05"),
                                Credits.parse("0.1"),
                                Credits.parse("0.04"))));
    }

    /// A quote for two machines, of which so many are missing.
    static Quote quote(int missing, List<Quote.Exclusion> exclusions) {
        return new Quote(
                List.of(offer("living room", Acceleration.KVM, "0.05")),
                List.of(),
                missing,
                Credits.parse("0.05"),
                Credits.ZERO,
                Credits.ZERO,
                Credits.parse("0.1"),
                42,
                0.015,
                0.97,
                7800,
                REFERENCE,
                exclusions);
    }

    /// A quote for one node of two machines.
    static Quote nodeQuote() {
        return new Quote(
                List.of(
                        offer("living room", Acceleration.KVM, "0.05"),
                        offer("attic", Acceleration.KVM, "0.06")),
                List.of(new Quote.Node(0.995, 2, Credits.parse("0.11"))),
                0,
                Credits.parse("0.11"),
                Credits.parse("0.06"),
                Credits.ZERO,
                Credits.parse("0.11"),
                42,
                0.015,
                0.97,
                7800,
                REFERENCE,
                List.of());
    }

    static SellerExplanation sellerExplanation() {
        Term memory = new Term.Bound(Attribute.MEMORY, Term.Relation.AT_LEAST, 4096);
        return new SellerExplanation(
                SELLER,
                true,
                Credits.parse("0.05"),
                REFERENCE,
                List.of(
                        new SellerExplanation.Outcome(
                                START,
                                2,
                                Query.ANY,
                                SellerExplanation.Result.TOO_DEAR,
                                List.of(),
                                Credits.parse("0.099999999"),
                                Credits.ZERO),
                        new SellerExplanation.Outcome(
                                START,
                                1,
                                new Query(List.of(OrderSpec.FREE_TRAFFIC)),
                                SellerExplanation.Result.FEE_TOO_HIGH,
                                List.of(OrderSpec.FREE_TRAFFIC),
                                Credits.ZERO,
                                Credits.ZERO),
                        new SellerExplanation.Outcome(
                                START,
                                1,
                                new Query(List.of(memory)),
                                SellerExplanation.Result.EXCLUDED,
                                List.of(memory),
                                Credits.ZERO,
                                Credits.ZERO)));
    }

    static Lease lease(String name, LeaseState state, LeaseProgress progress) {
        return new Lease(
                new LeaseId("vm-" + "abcdefghijkl"),
                new OrderId("ord-abcdefghijkl"),
                "demo",
                name,
                0,
                SELLER,
                "a home computer with a very long name",
                Acceleration.EMULATION,
                Credits.parse("0.05"),
                state,
                progress,
                "",
                "",
                "10.77.3.11",
                new Usage(3_725_000, 1_000_000_000, 2_000_000, 999),
                3725,
                LeaseTraffic.FREE,
                Credits.parse("0.051736111"),
                List.of(
                        new LeaseEvent(START, LeaseState.RESERVED, ""),
                        new LeaseEvent(START.plusMillis(250), LeaseState.ACCEPTED, "accepted"),
                        new LeaseEvent(START.plusSeconds(75), state, "up on the network")));
    }

    static Order order(OrderState state, Lease... leases) {
        return new Order(
                new OrderId("ord-abcdefghijkl"),
                7,
                new OrderSpec(
                        "demo",
                        IMAGE,
                        leases.length,
                        new MachineSize(1, 768, 0),
                        Credits.parse("0.1"),
                        7200,
                        true,
                        List.of(),
                        Placement.ANY,
                        Query.ANY,
                        Checkpoints.NONE,
                        VolumeUse.NONE,
                        0),
                new NetworkId("net-abcdefghijkl"),
                state,
                "",
                START,
                Credits.parse("0.2"),
                Credits.parse("0.103472222"),
                List.of(leases),
                List.of());
    }
}
