// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.market.formula;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.sparegrid.protocol.market.WeekHours;

/// In which hours of the week a computer was seen to be there, as far as it was watched (F10). It
/// is kept as text: two hexadecimal digits for each hour from Monday 00:00 UTC on, 255 being all of
/// the hour, or two dots where nothing was seen.
///
/// @param text 336 characters
public record Presence(String text) {
    /// Nothing was seen yet.
    public static final Presence UNSEEN = new Presence("..".repeat(WeekHours.COUNT));

    /// The weight of the newest week against all that was seen before, as in [Signature].
    private static final double NEWEST = 0.3;

    private static final double FULL = 255;

    public Presence {
        if (text.length() != 2 * WeekHours.COUNT || !isWellFormed(text)) {
            throw new IllegalArgumentException(
                    "presence: expected " + 2 * WeekHours.COUNT + " digits or dots");
        }
    }

    // A million computers are noted every hour, for which a regular expression is too slow.
    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i += 2) {
            char first = text.charAt(i);
            char second = text.charAt(i + 1);
            if (!(first == '.' ? second == '.' : isDigit(first) && isDigit(second))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char digit) {
        return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
    }

    /// What is known after an hour that was watched from its begin to its end.
    ///
    /// @param hour of the week
    /// @param share how much of it the computer was there, 0 to 1
    public Presence after(int hour, double share) {
        double old = at(hour);
        double next = old < 0 ? share : old + NEWEST * (share - old);
        char[] digits = text.toCharArray();
        String two = HexFormat.of().toHexDigits((byte) Math.round(Math.clamp(next, 0, 1) * FULL));
        digits[2 * hour] = two.charAt(0);
        digits[2 * hour + 1] = two.charAt(1);
        return new Presence(new String(digits));
    }

    /// How sure it is that a computer that is there at `start` doesn't leave as it usually does at
    /// the end of some hour, such as its owner's office hours. Hours that nobody watched don't
    /// count.
    public double staying(Instant start, Duration length) {
        long hours =
                Math.ceilDiv(start.getEpochSecond() + length.toSeconds(), 3600L)
                        - Math.floorDiv(start.getEpochSecond(), 3600L);
        int first = WeekHours.hourOf(start);
        double staying = 1;
        double before = at(first);
        for (int i = 1; i < Math.min(hours, WeekHours.COUNT); i++) {
            double now = at((first + i) % WeekHours.COUNT);
            if (before > 0 && now >= 0 && now < before) {
                staying *= now / before;
            }
            before = now < 0 ? before : now;
        }
        return staying;
    }

    /// The least share of an hour that it was there, of the hours of that time that were watched; 1
    /// if none was.
    public double least(Instant start, Duration length) {
        long hours =
                Math.ceilDiv(start.getEpochSecond() + length.toSeconds(), 3600L)
                        - Math.floorDiv(start.getEpochSecond(), 3600L);
        double least = 1;
        for (int i = 0; i < Math.min(hours, WeekHours.COUNT); i++) {
            double share = at((WeekHours.hourOf(start) + i) % WeekHours.COUNT);
            least = share < 0 ? least : Math.min(least, share);
        }
        return least;
    }

    /// The share of the watched hours in which it was there, or 0 if none was watched.
    public double share() {
        return Arrays.stream(shares()).filter(share -> share >= 0).average().orElse(0);
    }

    /// The usual week, if any hour was watched; hours that nobody watched are as the others are on
    /// average.
    public Optional<Signature> signature() {
        double[] shares = shares();
        if (Arrays.stream(shares).allMatch(share -> share < 0)) {
            return Optional.empty();
        }
        double usual = share();
        return Optional.of(
                new Signature(
                        Arrays.stream(shares)
                                .map(share -> share < 0 ? usual : share)
                                .mapToObj(share -> new Availability(share, share))
                                .toList(),
                        Duration.ofHours(1)));
    }

    /// The shares by hour, -1 where nothing was seen.
    public double[] shares() {
        double[] shares = new double[WeekHours.COUNT];
        Arrays.setAll(shares, this::at);
        return shares;
    }

    private double at(int hour) {
        return text.charAt(2 * hour) == '.'
                ? -1
                : HexFormat.fromHexDigits(text, 2 * hour, 2 * hour + 2) / FULL;
    }
}
