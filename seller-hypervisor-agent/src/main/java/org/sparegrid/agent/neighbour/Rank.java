// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.nio.ByteBuffer;
import java.util.Comparator;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// Who of those that fetch an image at the same time asks the store for which chunk: the one for
/// whom this number is the highest. All that know the same neighbours agree, without a word.
///
/// Source: D. Thaler and C. Ravishankar, Using name-based mappings to increase hit rates, 1998.
final class Rank {
    private Rank() {}

    /// The order in which computers are responsible for a chunk, by their certificates' digests.
    static Comparator<String> of(Sha256Digest chunk) {
        long what = ByteBuffer.wrap(chunk.toBytes()).getLong();
        return Comparator.<String>comparingLong(who -> mixed(what, who) ^ Long.MIN_VALUE)
                .reversed();
    }

    /// The finaliser of MurmurHash3, a bijection that changes half of the bits for each one
    /// changed.
    private static long mixed(long what, String who) {
        long mixed = what ^ Long.parseUnsignedLong(who, 0, 16, 16);
        mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
