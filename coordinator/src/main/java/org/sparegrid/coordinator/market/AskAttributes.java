// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market;

import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.WeekHours;

/// All that the market knows of an ask, whoever said or measured it.
///
/// What isn't known has the value that satisfies the fewest orders: no bandwidth,
/// [#UNKNOWN_LATENCY], an empty name.
///
/// @param pricePerHour for one slot
/// @param size of one slot
/// @param score speed of one core in thousandths of the reference core
/// @param upKilobits what it can send a second
/// @param downKilobits what it can receive a second
/// @param latencyMicros round trip to the coordinator
/// @param rating thousandths, 0 to 1000
/// @param reliability thousandths of a nine, 0 to 4000
/// @param attestation 0 to 3
/// @param networkFeePerGigabyte on top of the price
/// @param openUdp whether it can be reached from anywhere
/// @param kvm whether guests run on the processor itself
/// @param country two capital letters, or empty
/// @param hardware the kind of processor, or empty
/// @param owner the seller's account
/// @param pool the pool it belongs to, or empty
/// @param hours when it is there
public record AskAttributes(
        Credits pricePerHour,
        MachineSize size,
        int score,
        int upKilobits,
        int downKilobits,
        int latencyMicros,
        int rating,
        int reliability,
        int attestation,
        Credits networkFeePerGigabyte,
        boolean openUdp,
        boolean kvm,
        String country,
        String hardware,
        String owner,
        String pool,
        WeekHours hours) {
    /// The round trip of a machine whose round trip isn't known.
    public static final int UNKNOWN_LATENCY = Integer.MAX_VALUE;

    public AskAttributes {
        if (pricePerHour.isNegative() || networkFeePerGigabyte.isNegative()) {
            throw new IllegalArgumentException("ask: expected prices of 0 or more");
        }
        if (score < 0 || upKilobits < 0 || downKilobits < 0 || latencyMicros < 0) {
            throw new IllegalArgumentException("ask: expected measures of 0 or more");
        }
        if (rating < 0 || rating > 1000 || reliability < 0 || attestation < 0) {
            throw new IllegalArgumentException("ask: a mark is out of range");
        }
    }

    /// How fast all cores of one slot are together, in thousandths of the reference core.
    public long speed() {
        return (long) score * size.cpus();
    }

    /// The same with another level of attestation.
    public AskAttributes attested(int level) {
        return new AskAttributes(
                pricePerHour,
                size,
                score,
                upKilobits,
                downKilobits,
                latencyMicros,
                rating,
                reliability,
                level,
                networkFeePerGigabyte,
                openUdp,
                kvm,
                country,
                hardware,
                owner,
                pool,
                hours);
    }

    /// The same for another price.
    public AskAttributes at(Credits price) {
        return new AskAttributes(
                price,
                size,
                score,
                upKilobits,
                downKilobits,
                latencyMicros,
                rating,
                reliability,
                attestation,
                networkFeePerGigabyte,
                openUdp,
                kvm,
                country,
                hardware,
                owner,
                pool,
                hours);
    }

    /// The same with what is known of the seller by now.
    public AskAttributes knowing(Knowledge known) {
        return new AskAttributes(
                pricePerHour,
                size,
                score,
                upKilobits,
                downKilobits,
                known.latencyMicros(),
                known.rating(),
                known.nines(),
                attestation,
                networkFeePerGigabyte,
                openUdp,
                kvm,
                country,
                hardware,
                owner,
                pool,
                hours);
    }

    /// The value of an attribute that is a number, in base units.
    ///
    /// @throws IllegalArgumentException if it isn't one
    public long number(Attribute attribute) {
        return switch (attribute) {
            case PRICE -> pricePerHour.nanos();
            case CORES -> size.cpus();
            case SCORE -> score;
            case MEMORY -> size.memoryMebibytes();
            case DISK -> size.diskMebibytes();
            case UP -> upKilobits;
            case DOWN -> downKilobits;
            case LATENCY -> latencyMicros;
            case RATING -> rating;
            case RELIABILITY -> reliability;
            case ATTESTATION -> attestation;
            case NETWORK_FEE -> networkFeePerGigabyte.nanos();
            case OPEN_UDP, KVM, COUNTRY, HARDWARE, OWNER, POOL, HOURS ->
                    throw new IllegalArgumentException(attribute.label() + " is no number");
        };
    }

    /// The value of an attribute that is yes or no.
    ///
    /// @throws IllegalArgumentException if it isn't one
    public boolean flag(Attribute attribute) {
        return switch (attribute) {
            case OPEN_UDP -> openUdp;
            case KVM -> kvm;
            default -> throw new IllegalArgumentException(attribute.label() + " is no flag");
        };
    }

    /// The value of an attribute that is a name.
    ///
    /// @throws IllegalArgumentException if it isn't one
    public String name(Attribute attribute) {
        return switch (attribute) {
            case COUNTRY -> country;
            case HARDWARE -> hardware;
            case OWNER -> owner;
            case POOL -> pool;
            default -> throw new IllegalArgumentException(attribute.label() + " is no name");
        };
    }
}
