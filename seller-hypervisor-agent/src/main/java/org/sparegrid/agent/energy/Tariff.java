// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.energy;

import java.math.BigInteger;
import java.time.LocalDateTime;
import java.util.List;
import org.sparegrid.agent.owner.WeeklyHours;
import org.sparegrid.protocol.Credits;

/// What a busy slot costs in energy, by the hour of the week.
///
/// @param watts what a busy slot draws on top of the idle computer, 0 if that isn't known
/// @param perKilowattHour the price of energy
/// @param periods hours in which it has another price; the first that fits counts
public record Tariff(int watts, Credits perKilowattHour, List<Period> periods) {
    private static final BigInteger MILLIS_IN_HOUR = BigInteger.valueOf(3_600_000);
    private static final BigInteger WATTS_IN_KILOWATT = BigInteger.valueOf(1000);

    /// Copies the list.
    public Tariff {
        periods = List.copyOf(periods);
    }

    /// Hours with a price of their own.
    public record Period(WeeklyHours hours, Credits perKilowattHour) {
        /// Reads `mon-sun 22:00-06:00 0.18`.
        ///
        /// @throws IllegalArgumentException if it is none
        public static Period parse(String text) {
            int space = text.lastIndexOf(' ');
            if (space < 0) {
                throw new IllegalArgumentException(
                        "expected hours and a price such as \"mon-sun 22:00-06:00 0.18\", got "
                                + text);
            }
            Credits price = Credits.parse(text.substring(space + 1));
            if (price.isNegative()) {
                throw new IllegalArgumentException("expected a price of 0 or more, got " + text);
            }
            return new Period(WeeklyHours.of(List.of(text.substring(0, space))), price);
        }
    }

    /// The price of a kilowatt-hour at this moment.
    public Credits priceAt(LocalDateTime moment) {
        return periods.stream()
                .filter(period -> period.hours().contains(moment))
                .map(Period::perKilowattHour)
                .findFirst()
                .orElse(perKilowattHour);
    }

    /// What a busy slot costs an hour: below this, selling loses money.
    public Credits floorAt(LocalDateTime moment) {
        return cost(3_600_000, moment);
    }

    /// What so much busy time of a slot costs, rounded up.
    public Credits cost(long busyMillis, LocalDateTime moment) {
        BigInteger whole = MILLIS_IN_HOUR.multiply(WATTS_IN_KILOWATT);
        return new Credits(
                BigInteger.valueOf(priceAt(moment).nanos())
                        .multiply(BigInteger.valueOf(watts))
                        .multiply(BigInteger.valueOf(busyMillis))
                        .add(whole.subtract(BigInteger.ONE))
                        .divide(whole)
                        .longValueExact());
    }
}
