// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import org.sparegrid.protocol.Credits;

/// What else a seller says of its machine. What it doesn't say is empty or 0.
///
/// @param country where it stands, two capital letters of ISO 3166, or empty
/// @param hardware the kind of processor, 0 to 40 of a-z, 0-9, '.', '_' and '-'
/// @param upKilobits what it can send a second, 0 to 100,000,000
/// @param downKilobits what it can receive a second, 0 to 100,000,000
/// @param networkFeePerGigabyte what a gigabyte on the network costs on top of the hour
/// @param openUdp whether its UDP port can be reached from anywhere
/// @param pool the private pool it belongs to, 0 to 32 of a-z, 0-9 and '-'
/// @param hours the hours of the week in which it is there
/// @param volumes how much disk it keeps for buyers
public record AskTraits(
        String country,
        String hardware,
        int upKilobits,
        int downKilobits,
        Credits networkFeePerGigabyte,
        boolean openUdp,
        String pool,
        WeekHours hours,
        VolumeOffer volumes) {
    /// A machine of which nothing else is said, and that is always there.
    public static final AskTraits UNKNOWN =
            new AskTraits("", "", 0, 0, Credits.ZERO, false, "", WeekHours.ALL, VolumeOffer.NONE);

    private static final int KILOBITS_MAX = 100_000_000;

    public AskTraits {
        require(country.matches("([A-Z]{2})?"), "a country of two capital letters or none");
        require(hardware.matches("[a-z0-9._-]{0,40}"), "hardware of 0 to 40 of a-z 0-9 . _ -");
        require(pool.matches("[a-z0-9-]{0,32}"), "a pool of 0 to 32 of a-z, 0-9 and -");
        require(
                upKilobits >= 0 && upKilobits <= KILOBITS_MAX,
                "an upload of 0 to " + KILOBITS_MAX + " kbit/s, got " + upKilobits);
        require(
                downKilobits >= 0 && downKilobits <= KILOBITS_MAX,
                "a download of 0 to " + KILOBITS_MAX + " kbit/s, got " + downKilobits);
        require(
                !networkFeePerGigabyte.isNegative()
                        && networkFeePerGigabyte.compareTo(Ask.PRICE_MAX) <= 0,
                "a network fee of 0 to " + Ask.PRICE_MAX + ", got " + networkFeePerGigabyte);
    }

    /// The same with another network fee.
    public AskTraits charging(Credits feePerGigabyte) {
        return new AskTraits(
                country,
                hardware,
                upKilobits,
                downKilobits,
                feePerGigabyte,
                openUdp,
                pool,
                hours,
                volumes);
    }

    private static void require(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("ask: expected " + expected);
        }
    }
}
