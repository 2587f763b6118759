// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.volume;

import java.time.Duration;
import java.time.Instant;

/// Where a volume stands, and where it goes when something happens.
///
/// ```text
/// MAKING → KEPT ⇄ LOST
///      ↘     ↓     ↓
///         DELETING → ENDED
/// ```
///
/// Nothing but the word of its buyer, of its seller, or the end of its money deletes a volume:
/// while nobody hears of the seller's computer it stays as it is, unpaid.
///
/// @param state the state
/// @param since when it came into this state
/// @param detail why, in one sentence, possibly empty
public record VolumeStatus(State state, Instant since, String detail) {
    /// How long a seller's computer may take to make room.
    public static final Duration MAKING_MAX = Duration.ofMinutes(10);

    /// How long a volume that its computer doesn't find is waited for.
    public static final Duration LOST_MAX = Duration.ofDays(7);

    /// The states.
    public enum State {
        /// The computer was told to make room.
        MAKING,
        /// The computer keeps it.
        KEPT,
        /// The computer says that it doesn't have it.
        LOST,
        /// The computer is told to remove it.
        DELETING,
        /// It is no more.
        ENDED;

        /// Whether its buyer still has it.
        public boolean isLive() {
            return this == MAKING || this == KEPT || this == LOST;
        }
    }

    /// What happens to volumes.
    public sealed interface Happening {
        /// The computer says that it keeps it.
        record Kept() implements Happening {}

        /// The computer lists what it keeps, and this is not among it.
        record Missing() implements Happening {}

        /// The computer says that it could not make it or has removed it.
        record Gone(String why) implements Happening {}

        /// It is to be removed.
        record DropAsked(String why) implements Happening {}

        /// Time passed.
        record Ticked() implements Happening {}
    }

    /// A volume that was just ordered.
    public static VolumeStatus making(Instant now) {
        return new VolumeStatus(State.MAKING, now, "");
    }

    /// Where the volume stands after that.
    public VolumeStatus after(Happening happening, Instant now) {
        return switch (happening) {
            case Happening.Kept() ->
                    state == State.MAKING || state == State.LOST ? to(State.KEPT, "", now) : this;
            case Happening.Missing() -> missing(now);
            case Happening.Gone(var why) -> gone(why, now);
            case Happening.DropAsked(var why) ->
                    state.isLive() ? to(State.DELETING, why, now) : this;
            case Happening.Ticked() -> ticked(now);
        };
    }

    private VolumeStatus missing(Instant now) {
        return switch (state) {
            case KEPT -> to(State.LOST, "the seller's computer does not find it", now);
            case DELETING -> to(State.ENDED, detail, now);
            case MAKING, LOST, ENDED -> this;
        };
    }

    private VolumeStatus gone(String why, Instant now) {
        return switch (state) {
            case MAKING, KEPT, LOST -> to(State.ENDED, why, now);
            case DELETING -> to(State.ENDED, detail, now);
            case ENDED -> this;
        };
    }

    private VolumeStatus ticked(Instant now) {
        Duration passed = Duration.between(since, now);
        return switch (state) {
            case MAKING ->
                    passed.compareTo(MAKING_MAX) < 0
                            ? this
                            : to(
                                    State.DELETING,
                                    "the seller's computer did not make room in time",
                                    now);
            case LOST ->
                    passed.compareTo(LOST_MAX) < 0
                            ? this
                            : to(State.DELETING, detail + " for seven days", now);
            case KEPT, DELETING, ENDED -> this;
        };
    }

    private VolumeStatus to(State next, String why, Instant now) {
        return new VolumeStatus(next, now, why);
    }
}
