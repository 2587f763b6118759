// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import java.security.SecureRandom;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The name of one thing, unique among all things of its kind, in lower-case text.
///
/// Each kind has its own record, so that a lease can't be mistaken for an order. Identifiers that
/// the coordinator draws are a prefix and 12 characters of base 32, that is 60 random bits; the
/// database refuses the rare repetition.
public sealed interface Identifier
        permits AccountId,
                AdjustmentId,
                DepositId,
                ImageId,
                KeyId,
                LeaseId,
                MemberId,
                NetworkId,
                OrderId,
                PayoutId,
                SellerId,
                SlotId,
                StreamId,
                VolumeId {
    /// The identifier as it is written in messages, URLs and on the screen.
    String value();

    /// The letters and digits of random identifiers, those of RFC 4648 base 32 in lower case.
    String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

    /// How many of them a random identifier has.
    int RANDOM_CHARACTERS = 12;

    /// Draws a new identifier of one kind, as in `Identifier.draw(random, LeaseId.PREFIX,
    /// LeaseId::new)`.
    static <T extends Identifier> T draw(
            SecureRandom random, String prefix, Function<String, T> kind) {
        StringBuilder text = new StringBuilder(prefix);
        for (int i = 0; i < RANDOM_CHARACTERS; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return kind.apply(text.toString());
    }

    /// Checks the text of an identifier that was drawn at random.
    ///
    /// @throws IllegalArgumentException if it isn't `prefix` and 12 characters of base 32
    static void check(String value, String prefix, Pattern pattern) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "identifier: expected " + prefix + " and 12 of a-z2-7, got " + quoted(value));
        }
    }

    /// The text in quotes, cut to what fits into a message.
    static String quoted(String value) {
        return value.length() <= 80 ? "'" + value + "'" : "'" + value.substring(0, 80) + "…'";
    }
}
