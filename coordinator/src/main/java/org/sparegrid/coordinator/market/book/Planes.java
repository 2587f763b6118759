// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.book;

import org.sparegrid.protocol.market.WeekHours;

/// Which bit planes a leaf has. A plane holds one bit of each of the leaf's asks.
///
/// ```text
///   0        whether there is an ask
///   1        a slot is free
///   2, 3     open UDP port, KVM
///   4..35    country: one of 32 groups
///  36..51    kind of processor: one of 16 groups
///  52..59    pool: one of 8 groups
///  60..      a number is at least a threshold: attestation first, then the others
///  the last 42: there in any of these four hours of the week
/// ```
///
/// The planes before [#HOT] are those that most orders look at first. Each lies in one piece for
/// all leaves, so that going through all leaves stays within a few pages of memory; the others lie
/// leaf by leaf, where changes of one ask stay close together.
///
/// The thresholds only decide how soon the search is narrowed, never its result: every ask that is
/// left is compared exactly. They are steps of what is sold and asked for, close together where
/// most machines are.
final class Planes {
    static final int USED = 0;
    static final int FREE = 1;
    static final int OPEN_UDP = 2;
    static final int KVM = 3;
    static final int COUNTRY = 4;
    static final int COUNTRY_GROUPS = 32;
    static final int HARDWARE = COUNTRY + COUNTRY_GROUPS;
    static final int HARDWARE_GROUPS = 16;
    static final int POOL = HARDWARE + HARDWARE_GROUPS;
    static final int POOL_GROUPS = 8;

    private static final int NUMBERS = POOL + POOL_GROUPS;

    private static final long[] BANDWIDTH = {
        500, 1000, 2000, 4000, 6000, 8000, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000, 250_000,
        1_000_000
    };

    /// Thresholds by number, in the order of [Columns]'s numbers.
    private static final long[][] LADDERS = {
        {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96},
        {250, 400, 500, 600, 700, 800, 900, 1000, 1100, 1200, 1350, 1500, 1750, 2000, 2500, 3000},
        {
            512, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12_288, 16_384, 24_576, 32_768, 49_152,
            65_536, 131_072, 262_144
        },
        {1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576},
        BANDWIDTH,
        BANDWIDTH,
        {
            5000, 10_000, 15_000, 20_000, 30_000, 40_000, 50_000, 60_000, 80_000, 100_000, 150_000,
            200_000, 300_000
        },
        {500, 600, 700, 750, 800, 850, 900, 950, 990},
        {300, 500, 700, 1000, 1300, 1500, 2000, 2500, 3000, 4000},
        {1, 2, 3},
        {1, 1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000},
    };

    /// How many planes lie in one piece for all leaves: those before the numbers, and attestation.
    static final int HOT = NUMBERS + LADDERS[Columns.ATTESTATION].length;

    private static final int[] FIRST = new int[LADDERS.length];

    /// A plane an hour would be more exact and cost as much as all other planes to keep up to date;
    /// the hours of asks that are left lie beside their prices, which are looked at anyway.
    private static final int HOURS_A_PLANE = 4;

    private static final long FIRST_OF_FOUR = 0x1111_1111_1111_1111L;

    /// The first hours' plane.
    static final int HOURS;

    /// How many planes there are.
    static final int COUNT;

    static {
        int next = NUMBERS;
        FIRST[Columns.ATTESTATION] = next;
        next += LADDERS[Columns.ATTESTATION].length;
        for (int number = 0; number < LADDERS.length; number++) {
            if (number != Columns.ATTESTATION) {
                FIRST[number] = next;
                next += LADDERS[number].length;
            }
        }
        HOURS = next;
        COUNT = HOURS + WeekHours.COUNT / HOURS_A_PLANE;
    }

    private Planes() {}

    /// The plane of a number's first threshold; those of the others follow.
    static int first(int number) {
        return FIRST[number];
    }

    /// How many of the number's thresholds are `value` or less.
    static int level(int number, long value) {
        long[] ladder = LADDERS[number];
        int level = 0;
        while (level < ladder.length && value >= ladder[level]) {
            level++;
        }
        return level;
    }

    /// Whether the planes tell exactly who has `value` or more.
    static boolean isThreshold(int number, long value) {
        int level = level(number, value);
        return level > 0 && LADDERS[number][level - 1] == value;
    }

    /// A bit for each plane of hours that holds one of these.
    static long hourPlanes(WeekHours hours) {
        return blocks(hours.first()) | blocks(hours.second()) << 16 | blocks(hours.third()) << 32;
    }

    private static long blocks(long hours) {
        return Long.compress(hours | hours >>> 1 | hours >>> 2 | hours >>> 3, FIRST_OF_FOUR);
    }

    /// How many thresholds the number has.
    static int levels(int number) {
        return LADDERS[number].length;
    }
}
