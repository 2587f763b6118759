// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import org.sparegrid.protocol.Credits;

/// What a seller's machine offers and for how much, as its agent says it.
///
/// @param name the machine's name for people, 1 to 40 characters
/// @param slots how many guests it takes at once, 1 to 100, each of the size given
/// @param size the size of each slot
/// @param pricePerHour for one slot
/// @param acceleration how guests run
/// @param accelerationReason why, in one sentence
/// @param cpuScore measured speed of one core in thousandths of the reference core
/// @param agentVersion the version of the agent's program
/// @param traits what else the seller says of it
public record Ask(
        String name,
        int slots,
        MachineSize size,
        Credits pricePerHour,
        Acceleration acceleration,
        String accelerationReason,
        int cpuScore,
        String agentVersion,
        AskTraits traits) {
    public Ask {
        if (name.isEmpty() || name.length() > 40 || !name.matches("[\\p{L}\\p{N} ._-]+")) {
            throw new IllegalArgumentException(
                    "ask: expected a name of 1 to 40 letters, digits, spaces, '.', '_' or '-'");
        }
        if (slots < 1 || slots > 100) {
            throw new IllegalArgumentException("ask: expected 1 to 100 slots, got " + slots);
        }
        if (pricePerHour.isNegative() || pricePerHour.compareTo(PRICE_MAX) > 0) {
            throw new IllegalArgumentException(
                    "ask: expected a price of 0 to " + PRICE_MAX + " an hour, got " + pricePerHour);
        }
        if (cpuScore < 0) {
            throw new IllegalArgumentException("ask: expected a CPU score of 0 or more");
        }
        if (accelerationReason.length() > 500 || agentVersion.length() > 100) {
            throw new IllegalArgumentException("ask: a text is too long");
        }
    }

    /// The same at another price and network fee.
    public Ask at(Credits otherPricePerHour, Credits feePerGigabyte) {
        return new Ask(
                name,
                slots,
                size,
                otherPricePerHour,
                acceleration,
                accelerationReason,
                cpuScore,
                agentVersion,
                traits.charging(feePerGigabyte));
    }

    /// The highest price; anything above is a slip of the pen.
    public static final Credits PRICE_MAX = new Credits(1_000_000_000_000L);
}
