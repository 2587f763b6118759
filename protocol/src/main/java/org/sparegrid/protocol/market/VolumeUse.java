// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

import java.util.Base64;
import java.util.List;
import org.sparegrid.protocol.VolumeId;

/// Which volume a machine gets, and the key that opens it.
///
/// @param volume the volume's identifier, or empty for none
/// @param key the buyer's key, 32 bytes in base64. Empty if there is no volume, in what is only a
///   question, and as soon as the machine has it
public record VolumeUse(String volume, String key) {
    /// No volume.
    public static final VolumeUse NONE = new VolumeUse("", "");

    private static final int KEY_BYTES = 32;

    public VolumeUse {
        if (!volume.isEmpty()) {
            new VolumeId(volume);
        }
        if (!key.isEmpty() && (volume.isEmpty() || !isKey(key))) {
            throw new IllegalArgumentException(
                    "volume: expected a key of 32 bytes in base64, and none without a volume");
        }
    }

    /// Whether there is a volume.
    public boolean isWanted() {
        return !volume.isEmpty();
    }

    /// The volume, or nothing.
    public List<VolumeId> volumes() {
        return isWanted() ? List.of(new VolumeId(volume)) : List.of();
    }

    /// The same without the key.
    public VolumeUse withoutKey() {
        return new VolumeUse(volume, "");
    }

    /// Whether a text is a key.
    public static boolean isKey(String text) {
        try {
            byte[] key = Base64.getDecoder().decode(text);
            return key.length == KEY_BYTES && Base64.getEncoder().encodeToString(key).equals(text);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    /// Hides the key.
    @Override
    public String toString() {
        return "VolumeUse[volume=" + volume + "]";
    }
}
