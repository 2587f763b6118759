// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.Booking;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.LeaseTraffic;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.Placement;

/// States and kinds as people read them.
final class Words {
    private Words() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static String of(Acceleration acceleration) {
        return switch (acceleration) {
            case KVM -> "kvm";
            case EMULATION -> "emulated";
        };
    }

    static String of(Set<BootMode> modes) {
        return modes.stream().map(Enum::name).sorted().collect(Collectors.joining(" and "));
    }

    /// Where a machine stands, in one or two words.
    static String state(Lease lease) {
        if (lease.state() == LeaseState.STARTING) {
            return switch (lease.progress().phase()) {
                case MATCHED -> "starting";
                case FETCHING -> "fetching";
                case BOOTING, BOOTED -> "booting" + imageSoFar(lease.progress());
                case ON_NETWORK -> "on network";
            };
        }
        int paid = lease.progress().paidPercent();
        if (lease.state() == LeaseState.RUNNING && paid < 100) {
            return paid == 0 ? "held, unpaid" : "slowed to " + paid + " %";
        }
        return lease.state().isLive() ? of(lease.state()) : ended(lease);
    }

    /// A machine may start before its image is there.
    private static String imageSoFar(LeaseProgress progress) {
        return progress.done() < progress.total()
                ? ", " + progress.done() * 100 / progress.total() + "% of image"
                : "";
    }

    /// When an order that waits may start.
    static String window(Order order, ZoneId zone) {
        Placement placement = order.spec().placement();
        String until = Plain.time(placement.closes(order.created()), zone);
        if (placement.reserved() && order.bookings().stream().anyMatch(Words::isBound)) {
            return "its machines are bound to it from "
                    + Plain.time(placement.opens(order.created()), zone)
                    + " on";
        }
        return placement.startAfterSeconds() == 0
                ? "it waits for machines until " + until
                : "it starts from "
                        + Plain.time(placement.opens(order.created()), zone)
                        + " on, as soon as there are machines; until "
                        + until;
    }

    private static boolean isBound(Booking booking) {
        return booking.state() == Booking.State.BOUND;
    }

    /// When a machine ends that was told so.
    static String end(Lease lease, ZoneId zone) {
        return "ends at "
                + Plain.time(Instant.parse(lease.endsAt()), zone)
                + ", displaced by a firm order";
    }

    private static String ended(Lease lease) {
        return switch (lease.ended()) {
            case "BUYER" -> "stopped";
            case "SELLER" -> "seller stopped";
            case "OPERATOR" -> "operator stopped";
            case "PREEMPTED" -> "displaced";
            case "" -> of(lease.state());
            default -> lease.ended().toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }

    /// What an attribute of a machine says.
    static String meaning(Attribute attribute) {
        return switch (attribute) {
            case PRICE -> "price of a slot";
            case CORES -> "processors";
            case SCORE -> "measured speed of one core";
            case MEMORY -> "memory";
            case DISK -> "scratch disk";
            case UP -> "what it can send";
            case DOWN -> "what it can receive";
            case LATENCY -> "round trip to the coordinator";
            case RATING -> "what buyers say of the seller, 0 to 1";
            case RELIABILITY -> "how sure a lease runs to its end";
            case ATTESTATION -> "1 TPM, 2 measured boot, 3 confidential";
            case NETWORK_FEE -> "price of traffic";
            case OPEN_UDP -> "a UDP port is open to all";
            case KVM -> "guests run on the processor itself";
            case COUNTRY -> "two letters, such as SE";
            case HARDWARE -> "kind of processor";
            case OWNER -> "the seller's account";
            case POOL -> "the private pool it belongs to";
            case HOURS -> "when it is there";
        };
    }

    static String seller(String id) {
        return id.substring(0, 8);
    }

    static String plural(long count, String one) {
        return count + " " + one + (count == 1 ? "" : "s");
    }

    /// What a computer's open port saved.
    static String saved(LeaseTraffic traffic) {
        String saved = "its open port saved relays " + Plain.bytes(traffic.savedBytes());
        return traffic.bonus().nanos() == 0
                ? saved
                : saved + ", for a bonus of " + Plain.amount(traffic.bonus());
    }

    /// What was billed of a machine's traffic.
    static String traffic(LeaseTraffic traffic) {
        String billed =
                Plain.bytes(traffic.agreedBytes())
                        + " billed of "
                        + Plain.bytes(traffic.countedBytes())
                        + " that its seller counted, "
                        + Plain.amount(traffic.charged())
                        + " at "
                        + Plain.amount(traffic.feePerGigabyte())
                        + " a GB, at most "
                        + Plain.bytes(traffic.megabytesMax() * 1_000_000);
        return traffic.agreedBytes() == 0 && traffic.countedBytes() > 0
                ? billed + "; the other ends have reported nothing of it"
                : billed;
    }
}
