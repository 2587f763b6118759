// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import java.util.List;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.market.Query;

/// A disk of a buyer that lies on one seller's computer and outlives the machines that use it.
///
/// @param id its name for good
/// @param version counts its changes
/// @param name what its buyer calls it
/// @param gibibytes its size
/// @param seller where it lies
/// @param sellerName what that computer is called
/// @param sellerHere whether that computer is connected
/// @param pricePerMonth for one GiB and 30 days, fixed when it was made
/// @param state where it stands
/// @param detail why, for people, or empty
/// @param lease the machine that uses it, or empty
/// @param keptSeconds how long it was kept so far, as far as that is paid
/// @param charged what that cost
/// @param held what is set aside for it
/// @param heldUntil how long that lasts if the seller's computer stays there
/// @param created when it was ordered
public record Volume(
        VolumeId id,
        long version,
        String name,
        int gibibytes,
        SellerId seller,
        String sellerName,
        boolean sellerHere,
        Credits pricePerMonth,
        State state,
        String detail,
        String lease,
        long keptSeconds,
        Credits charged,
        Credits held,
        Instant heldUntil,
        Instant created) {
    /// The largest volume.
    public static final int GIBIBYTES_MAX = 4096;

    private static final String NAME = "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?";

    /// Where a volume stands.
    public enum State {
        /// Its seller's computer was told to make room.
        MAKING,
        /// It is there and no machine has used it.
        EMPTY,
        /// It is there, with what a machine wrote.
        KEPT,
        /// A machine has it.
        IN_USE,
        /// Its seller's computer doesn't find it; nothing is paid.
        LOST,
        /// It is to be removed, and its seller's computer has not said that it did.
        DELETING,
        /// It is no more.
        ENDED
    }

    /// Asks for a volume.
    ///
    /// @param name 1 to 32 of a-z, 0-9 and '-'
    /// @param gibibytes 1 to 4096
    /// @param pricePerMonthMax the most to pay for one GiB and 30 days
    /// @param where what the computer must be besides
    public record Request(String name, int gibibytes, Credits pricePerMonthMax, Query where) {
        private static final int TERMS_MAX = 24;

        public Request {
            if (!name.matches(NAME)) {
                throw new IllegalArgumentException(
                        "name: expected 1 to 32 of a-z, 0-9 and '-', got '" + name + "'");
            }
            if (gibibytes < 1 || gibibytes > GIBIBYTES_MAX) {
                throw new IllegalArgumentException(
                        "size: expected 1 to " + GIBIBYTES_MAX + " GiB, got " + gibibytes);
            }
            if (pricePerMonthMax.isNegative()) {
                throw new IllegalArgumentException(
                        "price: expected 0 or more, got " + pricePerMonthMax);
            }
            if (where.terms().size() > TERMS_MAX) {
                throw new IllegalArgumentException(
                        "where: expected at most " + TERMS_MAX + " terms");
            }
        }
    }

    /// An account's volumes, oldest first, with those that ended in the last seven days.
    public record Page(List<Volume> volumes) {
        public Page {
            volumes = List.copyOf(volumes);
        }
    }
}
