// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Knowledge;
import org.sparegrid.coordinator.market.SlotAsk;
import org.sparegrid.coordinator.market.formula.Interruptions;
import org.sparegrid.coordinator.market.formula.Presence;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.AskTraits;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.WeekHours;

/// The sellers' computers, each with one slot: what they are like, what nobody but the simulation
/// knows of them, and what the coordinator has seen of them.
final class Sellers {
    private static final int[] CORES = {2, 2, 4, 4, 4, 6, 8, 8, 12, 16};
    private static final int[] ZONES_MINUTES = {60, 60, 60, 60, -300, -300, -300, 480, 480, 330};
    private static final long FIRST_NANOS = 4_000_000;
    private static final int HOURS_KNOWN_MAX = 2048;
    private static final int LOSSES_KNOWN_MAX = 64;

    private final int count;
    private final Rhythm[] rhythms;
    private final short[] zones;
    private final float[] losing;
    private final byte[] cores;
    private final long[] costs;
    private final long[] prices;
    private final float[] ran;
    private final short[] lost;
    private final @Nullable Presence[] presences;
    private final short[] watched;

    /// What records let us believe, as many computers have the same.
    private final @Nullable Knowledge[] byRecord =
            new @Nullable Knowledge[HOURS_KNOWN_MAX * LOSSES_KNOWN_MAX];

    Sellers(int count, Random random) {
        this.count = count;
        this.rhythms = new Rhythm[count];
        this.zones = new short[count];
        this.losing = new float[count];
        this.cores = new byte[count];
        this.costs = new long[count];
        this.prices = new long[count];
        this.ran = new float[count];
        this.lost = new short[count];
        this.presences = new @Nullable Presence[count];
        this.watched = new short[count];
        for (int i = 0; i < count; i++) {
            draw(i, random);
        }
    }

    private void draw(int seller, Random random) {
        double kind = random.nextDouble();
        rhythms[seller] =
                kind < 0.1
                        ? Rhythm.ALWAYS
                        : kind < 0.45 ? Rhythm.OFFICE : kind < 0.8 ? Rhythm.HOME : Rhythm.CAMPUS;
        zones[seller] = (short) ZONES_MINUTES[random.nextInt(ZONES_MINUTES.length)];
        losing[seller] = (float) Math.min(0.5, 0.01 * Math.exp(random.nextGaussian()));
        cores[seller] = (byte) CORES[random.nextInt(CORES.length)];
        double perCore = FIRST_NANOS * Math.exp(0.4 * random.nextGaussian());
        costs[seller] = (long) (perCore * cores[seller]);
        prices[seller] = (long) (costs[seller] * (1 + random.nextDouble()));
    }

    int count() {
        return count;
    }

    /// Whether its owner leaves it alone at a minute since the start.
    boolean isIdle(int seller, long minute) {
        return rhythms[seller].isIdle(seller, minute + zones[seller]);
    }

    /// How much of an hour since the start it is idle.
    double share(int seller, int hour) {
        long from = hour * 60L;
        boolean begins = isIdle(seller, from);
        if (begins == isIdle(seller, from + 59)) {
            return begins ? 1 : 0;
        }
        int minutes = change(seller, hour);
        return (begins ? minutes : 60 - minutes) / 60.0;
    }

    /// The minute of an hour in which its owner comes or goes, where one of both happens.
    int change(int seller, int hour) {
        long from = hour * 60L;
        boolean begins = isIdle(seller, from);
        int low = 0;
        int high = 59;
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (isIdle(seller, from + middle) == begins) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /// In how many hours a machine on it is lost by accident, on average.
    double hoursBetweenLosses(int seller) {
        return 1 / losing[seller];
    }

    int cores(int seller) {
        return cores[seller];
    }

    long price(int seller) {
        return prices[seller];
    }

    /// Asks for more or less, but never for less than it costs.
    boolean reprice(int seller, double factor) {
        long next = Math.max(costs[seller], (long) (prices[seller] * factor));
        boolean changed = next != prices[seller];
        prices[seller] = next;
        return changed;
    }

    /// A lease ended.
    ///
    /// @return the nines that the market knows of it by now, in thousandths
    int ended(int seller, double hours, boolean wasLost) {
        ran[seller] += (float) hours;
        lost[seller] += (short) (wasLost ? 1 : 0);
        return record(seller).nines();
    }

    /// What the coordinator believes of its leases, leaving aside the hours of the week.
    private Knowledge record(int seller) {
        int hours = Math.min(HOURS_KNOWN_MAX - 1, (int) ran[seller]);
        int losses = Math.min(LOSSES_KNOWN_MAX - 1, lost[seller]);
        int index = losses * HOURS_KNOWN_MAX + hours;
        Knowledge known = byRecord[index];
        if (known == null) {
            known =
                    new Knowledge(
                            Knowledge.hourly(new Interruptions(losses, hours)),
                            Presence.UNSEEN,
                            0,
                            AskAttributes.UNKNOWN_LATENCY);
            byRecord[index] = known;
        }
        return known;
    }

    /// All that the coordinator knows of it at the begin of an hour since the start. The hours that
    /// it watched are counted when somebody asks.
    Knowledge known(int seller, int hour) {
        Presence presence = presences[seller];
        if (presence == null) {
            presence = Presence.UNSEEN;
        }
        for (int h = watched[seller]; h < hour; h++) {
            presence = presence.after(h % WeekHours.COUNT, share(seller, h));
        }
        presences[seller] = presence;
        watched[seller] = (short) hour;
        Knowledge record = record(seller);
        return new Knowledge(record.hourly(), presence, record.rating(), record.latencyMicros());
    }

    AskAttributes attributes(int seller) {
        return new AskAttributes(
                new Credits(prices[seller]),
                size(seller),
                1000,
                20_000,
                50_000,
                AskAttributes.UNKNOWN_LATENCY,
                0,
                record(seller).nines(),
                0,
                Credits.ZERO,
                false,
                true,
                "SE",
                "",
                "owner" + seller,
                "",
                WeekHours.ALL);
    }

    private MachineSize size(int seller) {
        return new MachineSize(cores[seller], cores[seller] * 2048, 0);
    }

    /// Its offer as the market shows it.
    SlotAsk offer(int seller, int hour) {
        SellerId id = new SellerId("%040x".formatted(seller));
        Ask ask =
                new Ask(
                        "pc",
                        1,
                        size(seller),
                        new Credits(prices[seller]),
                        Acceleration.KVM,
                        "",
                        1000,
                        "",
                        AskTraits.UNKNOWN);
        return new SlotAsk(
                id, ask, attributes(seller), known(seller, hour), List.of(SlotId.of(id, 0)));
    }

    /// The computer of an offer.
    static int number(SlotAsk offer) {
        return Integer.parseInt(offer.seller().value().substring(32), 16);
    }
}
