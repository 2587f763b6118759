// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How much a buyer wants proven before his machine runs, and what that is worth.
///
/// Whoever shows a level shows both sentences: a level that sounds safer than it is does harm.
public enum Level {
    OPEN("nothing; the seller's name and ratings are all there is", "anything about the computer"),
    IDENTIFIED(
            "a real computer with a TPM of a known maker, the same one each time: ratings stick to"
                    + " it, and one computer cannot pose as many",
            "what software runs on it, that results are right, or that anything stays secret"),
    MEASURED(
            "which firmware, boot chain and appliance run, which image and machine were started,"
                    + " and with which network key, at the start and at each later quote",
            "secrecy from the owner of the computer: he holds the hardware and can tap the TPM's"
                    + " bus, read memory or reset the chip; nor that software broken into after"
                    + " the start is still itself"),
    CONFIDENTIAL(
            "that the processor encrypts the machine's memory against the software of the host,"
                    + " what was launched in it, and how old the processor's firmware is",
            "that the machine stays available, that side channels or traffic tell nothing, or that"
                    + " an owner who taps the memory bus learns nothing: it raises the cost, it"
                    + " does not make it impossible");

    private final String proves;
    private final String doesNotProve;

    Level(String proves, String doesNotProve) {
        this.proves = proves;
        this.doesNotProve = doesNotProve;
    }

    /// How high it is: 0 for `open` to 3, as in the market's attribute `attestation`.
    public int number() {
        return switch (this) {
            case OPEN -> 0;
            case IDENTIFIED -> 1;
            case MEASURED -> 2;
            case CONFIDENTIAL -> 3;
        };
    }

    /// The level of that height.
    public static Optional<Level> numbered(long number) {
        for (Level level : values()) {
            if (level.number() == number) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /// The word in policies and on the command line: `measured`.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// What holds once the level is reached, completing "proves ...".
    public String proves() {
        return proves;
    }

    /// What does not follow from it, completing "does not prove ...".
    public String doesNotProve() {
        return doesNotProve;
    }

    /// The level with this word.
    public static Optional<Level> named(String id) {
        for (Level level : values()) {
            if (level.id().equals(id)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /// All words, from least to most.
    public static List<String> ids() {
        return List.of(values()).stream().map(Level::id).toList();
    }
}
