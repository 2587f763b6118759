// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.Base64;

/// Whether a machine's whole state is saved now and then, so that it goes on from there after its
/// seller's computer failed.
///
/// @param everySeconds how often, 30 to 86,400; 0 for never
/// @param key the buyer's key for AES-256, 32 bytes in base64; without it no seller's disk tells
///   what a checkpoint holds. Empty if there are none
public record Checkpoints(long everySeconds, String key) {
    /// No checkpoints.
    public static final Checkpoints NONE = new Checkpoints(0, "");

    private static final long SECONDS_MIN = 30;
    private static final long SECONDS_MAX = 86_400;
    private static final int KEY_BYTES = 32;

    public Checkpoints {
        if (everySeconds != 0 && (everySeconds < SECONDS_MIN || everySeconds > SECONDS_MAX)) {
            throw new IllegalArgumentException(
                    "checkpoints: expected every 30 to 86400 seconds, or 0 for none, got "
                            + everySeconds);
        }
        boolean fits = everySeconds == 0 ? key.isEmpty() : isKey(key);
        if (!fits) {
            throw new IllegalArgumentException(
                    "checkpoints: expected a key of 32 bytes in base64, and none without them");
        }
    }

    /// Whether there are any.
    public boolean areWanted() {
        return everySeconds > 0;
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == KEY_BYTES;
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    /// Hides the key.
    @Override
    public String toString() {
        return "Checkpoints[everySeconds=" + everySeconds + "]";
    }
}
