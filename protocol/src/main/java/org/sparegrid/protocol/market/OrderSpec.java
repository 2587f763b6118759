// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.ArrayList;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;

/// What a buyer asks for.
///
/// @param name the network's name, a DNS label of 1 to 32 characters: machines are
///   `node1.NAME.grid.internal` and so on
/// @param image the image that every machine boots
/// @param machines how many, 1 to 256
/// @param size the least size of each
/// @param pricePerHourMax the most to pay for one machine's hour, the fee for its share of
///   `trafficMegabytes` included
/// @param secondsMax how long at most, 60 to 2,678,400 (31 days); this much is held in escrow
/// @param emulationAllowed whether machines without KVM will do
/// @param authorizedKeys OpenSSH public keys for root on every machine, at most 16
/// @param placement how the machines are spread and how long to wait for them
/// @param where what each machine must be besides, at most 24 terms
/// @param checkpoints whether each machine's state is saved now and then
/// @param volume the volume that the order's one machine gets
/// @param trafficMegabytes the most that each machine may send and receive, in 10^6 bytes, where
///   its seller wants a fee for that, 0 to [#MEGABYTES_PER_HOUR_MAX] for each of its hours; what
///   all of it costs is held. With 0 only sellers without a fee will do.
public record OrderSpec(
        String name,
        ImageId image,
        int machines,
        MachineSize size,
        Credits pricePerHourMax,
        long secondsMax,
        boolean emulationAllowed,
        List<String> authorizedKeys,
        Placement placement,
        Query where,
        Checkpoints checkpoints,
        VolumeUse volume,
        long trafficMegabytes) {
    /// The most traffic of a machine in an hour, in 10^6 bytes: a line of 10 Gbit/s in use all the
    /// time.
    public static final int MEGABYTES_PER_HOUR_MAX = 4_500_000;

    /// Nobody pays for traffic who has not said how much of it.
    public static final Term FREE_TRAFFIC =
            new Term.Bound(Attribute.NETWORK_FEE, Term.Relation.AT_MOST, 0);

    private static final int TERMS_MAX = 24;

    public OrderSpec {
        authorizedKeys = List.copyOf(authorizedKeys);
        if (!name.matches("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")) {
            throw new IllegalArgumentException(
                    "name: expected 1 to 32 of a-z, 0-9 and '-', got '" + name + "'");
        }
        if (machines < 1 || machines > 256) {
            throw new IllegalArgumentException("machines: expected 1 to 256, got " + machines);
        }
        if (pricePerHourMax.isNegative()) {
            throw new IllegalArgumentException("price: expected 0 or more, got " + pricePerHourMax);
        }
        if (secondsMax < 60 || secondsMax > 2_678_400) {
            throw new IllegalArgumentException(
                    "time: expected 60 to 2678400 seconds, got " + secondsMax);
        }
        if (authorizedKeys.size() > 16
                || !authorizedKeys.stream().allMatch(OrderSpec::isPublicKey)) {
            throw new IllegalArgumentException(
                    "keys: expected at most 16 OpenSSH public keys, one line each");
        }
        if (where.terms().size() > TERMS_MAX) {
            throw new IllegalArgumentException(
                    "where: expected at most " + TERMS_MAX + " terms, got " + where.terms().size());
        }
        // A machine would go on on a computer whose new boot nobody has looked at.
        if (checkpoints.areWanted() && trust(where) > 0) {
            throw new IllegalArgumentException(
                    "checkpoints: expected none, as the order asks for trust (attestation)");
        }
        long trafficMax = MEGABYTES_PER_HOUR_MAX * secondsMax / 3600;
        if (trafficMegabytes < 0 || trafficMegabytes > trafficMax) {
            throw new IllegalArgumentException(
                    "traffic: expected 0 to " + trafficMax + " MB, got " + trafficMegabytes);
        }
        if (volume.isWanted()) {
            requireOne(machines, placement, checkpoints);
        }
    }

    /// A volume lies on one computer, and goes its own way after each write.
    private static void requireOne(int machines, Placement placement, Checkpoints checkpoints) {
        if (machines != 1 || placement.reliability() > 0) {
            throw new IllegalArgumentException(
                    "volume: expected an order of one machine, as only one can have the volume");
        }
        if (placement.waitSecondsMax() > 0) {
            throw new IllegalArgumentException(
                    "volume: expected no waiting for machines; order when its seller is there");
        }
        if (checkpoints.areWanted()) {
            throw new IllegalArgumentException(
                    "volume: expected no checkpoints, as a machine that went back to one would"
                            + " find a volume that did not");
        }
    }

    /// The same without the volume's key.
    public OrderSpec withoutVolumeKey() {
        return new OrderSpec(
                name,
                image,
                machines,
                size,
                pricePerHourMax,
                secondsMax,
                emulationAllowed,
                authorizedKeys,
                placement,
                where,
                checkpoints,
                volume.withoutKey(),
                trafficMegabytes);
    }

    /// All that each machine must be, as one query.
    public Query wanted() {
        List<Term> terms = new ArrayList<>();
        terms.add(atLeast(Attribute.CORES, size.cpus()));
        terms.add(atLeast(Attribute.MEMORY, size.memoryMebibytes()));
        if (size.diskMebibytes() > 0) {
            terms.add(atLeast(Attribute.DISK, size.diskMebibytes()));
        }
        if (pricePerHourMax.compareTo(Ask.PRICE_MAX) < 0) {
            terms.add(
                    new Term.Bound(
                            Attribute.PRICE, Term.Relation.AT_MOST, pricePerHourMax.nanos()));
        }
        if (trafficMegabytes == 0) {
            terms.add(FREE_TRAFFIC);
        }
        if (!emulationAllowed) {
            terms.add(new Term.Flag(Attribute.KVM, true));
        }
        return new Query(terms).and(where);
    }

    /// What each machine may send and receive in an hour if it makes even use of its traffic, in
    /// 10^6 bytes, rounded up.
    public int megabytesPerHour() {
        return Math.toIntExact(Math.ceilDiv(trafficMegabytes * 3600, secondsMax));
    }

    /// What an hour of a machine costs with the fee for its share of the traffic, rounded up.
    public Credits pricePerHour(Ask ask) {
        Credits fee = ask.traits().networkFeePerGigabyte();
        return ask.pricePerHour()
                .plus(new Credits(Math.ceilDiv(fee.nanos() * megabytesPerHour(), 1000L)));
    }

    /// The level of trust that is asked for by a bound of `attestation`: 0 open to 3 confidential.
    public int trust() {
        return trust(where);
    }

    private static int trust(Query where) {
        long most = 0;
        for (Term term : where.terms()) {
            if (term instanceof Term.Bound(var attribute, var relation, var value)
                    && attribute == Attribute.ATTESTATION
                    && relation == Term.Relation.AT_LEAST) {
                most = Math.max(most, value);
            }
        }
        return (int) Math.min(most, 3);
    }

    private static Term atLeast(Attribute attribute, long value) {
        return new Term.Bound(attribute, Term.Relation.AT_LEAST, value);
    }

    private static boolean isPublicKey(String line) {
        return line.length() <= 2000
                && line.matches("(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+( [\\x20-\\x7e]*)?");
    }
}
