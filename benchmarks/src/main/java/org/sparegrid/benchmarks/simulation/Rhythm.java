// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.simulation;

/// When a computer is idle: each kind follows its owner's week, in the owner's time, with habits of
/// its own and other minutes every day. All of it follows from the numbers of the computer and of
/// the day, so that nothing has to be kept.
enum Rhythm {
    /// It serves nobody else.
    ALWAYS,
    /// Its owner works at it from Monday to Friday.
    OFFICE,
    /// Its owner is out on working days; some leave it on at night.
    HOME,
    /// A room of them is closed at night and on Sundays.
    CAMPUS;

    private static final int DAY = 1440;
    private static final int SATURDAY = 5;
    private static final int SUNDAY = 6;

    /// Whether computer `number` is idle at a minute of its local time, counted from a Monday.
    boolean isIdle(int number, long localMinute) {
        long day = Math.floorDiv(localMinute, DAY);
        int minute = (int) Math.floorMod(localMinute, (long) DAY);
        int weekday = (int) Math.floorMod(day, 7L);
        int habit = spread(number, -1, 60);
        return switch (this) {
            case ALWAYS -> true;
            case OFFICE -> {
                boolean works =
                        weekday < SATURDAY ? !chance(number, day, 0.04) : chance(number, day, 0.06);
                int begin = 480 + habit + spread(number, 4 * day, 25);
                int end = 1050 + habit + spread(number, 4 * day + 1, 35);
                yield !works || minute < begin || minute >= end;
            }
            case HOME -> {
                boolean leavesOn = chance(number, -3, 0.35);
                if (leavesOn && (minute < 390 + habit || minute >= 1410 + habit / 4)) {
                    yield true;
                }
                boolean out = weekday < SATURDAY && !chance(number, day, 0.12);
                int begin = 460 + habit + spread(number, 4 * day, 20);
                int end = 1030 + habit + spread(number, 4 * day + 1, 40);
                yield out && minute >= begin && minute < end;
            }
            case CAMPUS ->
                    weekday == SUNDAY
                            || minute < 420 + spread(number, 4 * day, 15)
                            || minute >= 1300 + spread(number, 4 * day + 1, 20);
        };
    }

    private static boolean chance(int number, long of, double share) {
        return unit(number, 4 * of + 2) < share;
    }

    private static int spread(int number, long of, int most) {
        return (int) ((unit(number, of) * 2 - 1) * most);
    }

    /// A number from 0 to 1 that depends on these two and nothing else.
    ///
    /// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014.
    static double unit(int number, long of) {
        long z = number * 0x9e3779b97f4a7c15L + of * 0xd1342543de82ef95L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return ((z ^ (z >>> 31)) >>> 11) * 0x1.0p-53;
    }
}
