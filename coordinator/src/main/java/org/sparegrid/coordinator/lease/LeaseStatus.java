// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;

/// Where a lease stands, and where it goes when something happens.
///
/// ```text
/// RESERVED → OFFERED → ACCEPTED → STARTING → RUNNING → STOPPING → ENDED → SETTLED
/// ```
///
/// Every live state can go to ENDED at once; RESERVED and OFFERED go there rather than to STOPPING.
/// What happens to a lease that is over changes nothing.
///
/// @param state the state
/// @param progress how far the start has come
/// @param since when it came into this state
/// @param reason why it ends or ended
/// @param detail that in one sentence, possibly empty
public record LeaseStatus(
        LeaseState state,
        LeaseProgress progress,
        Instant since,
        Optional<EndReason> reason,
        String detail) {
    /// What the agent's own limit leaves the coordinator to wait.
    private static final Duration BOOT_GRACE = Duration.ofSeconds(30);

    /// What happens to leases.
    public sealed interface Happening {
        /// The offer goes out to the agent.
        record Offered() implements Happening {}

        /// The agent takes it.
        record Accepted() implements Happening {}

        /// The agent doesn't take it.
        record Rejected(String why) implements Happening {}

        /// The start has come further.
        record Progressed(LeaseProgress progress) implements Happening {}

        /// It is to be stopped.
        record StopAsked(EndReason reason, String why) implements Happening {}

        /// The agent says that the machine is gone.
        record Gone(EndReason reason, String detail) implements Happening {}

        /// All is paid.
        record Settled() implements Happening {}

        /// Time passed; the agent was last heard of at `heard`, which is now if it is connected.
        record Ticked(Instant heard) implements Happening {}
    }

    /// A lease whose slot was just taken.
    public static LeaseStatus reserved(Instant now) {
        return new LeaseStatus(LeaseState.RESERVED, LeaseProgress.NONE, now, Optional.empty(), "");
    }

    /// Where the lease stands after that.
    public LeaseStatus after(Happening happening, Limits limits, Instant now) {
        if (!state.isLive()) {
            return happening instanceof Happening.Settled && state == LeaseState.ENDED
                    ? to(LeaseState.SETTLED, now)
                    : this;
        }
        return switch (happening) {
            case Happening.Offered() ->
                    state == LeaseState.RESERVED ? to(LeaseState.OFFERED, now) : this;
            case Happening.Accepted() -> isWaiting() ? to(LeaseState.ACCEPTED, now) : this;
            case Happening.Rejected(var why) ->
                    isWaiting() ? end(EndReason.REJECTED, why, now) : this;
            case Happening.Progressed(var next) -> progressed(next, now);
            case Happening.StopAsked(var why, var text) -> stopped(why, text, now);
            case Happening.Gone(var why, var text) -> gone(why, text, now);
            case Happening.Settled() -> this;
            case Happening.Ticked(var heard) -> ticked(heard, limits, now);
        };
    }

    /// Whether the machine came onto the network once; only then anything is billed.
    public boolean ran() {
        return progress.phase() == LeaseProgress.Phase.ON_NETWORK;
    }

    /// Whether the lease failed in a way that lets another slot take its place.
    public boolean mayBeReplaced() {
        return state == LeaseState.ENDED
                && !ran()
                && reason.filter(LeaseStatus::isTheSellersFault).isPresent();
    }

    private static boolean isTheSellersFault(EndReason reason) {
        return switch (reason) {
            case REJECTED, START_FAILED, LOST -> true;
            case BUYER, SELLER, POWERED_OFF, FAILED, EXPIRED, BUDGET, OPERATOR, PREEMPTED -> false;
        };
    }

    private boolean isWaiting() {
        return state == LeaseState.RESERVED || state == LeaseState.OFFERED;
    }

    private boolean isStarting() {
        return state == LeaseState.ACCEPTED || state == LeaseState.STARTING;
    }

    private LeaseStatus progressed(LeaseProgress next, Instant now) {
        if (state == LeaseState.RUNNING && next.phase() == LeaseProgress.Phase.ON_NETWORK) {
            // The seller holds the machine back, or lets it go.
            return new LeaseStatus(state, next, since, reason, detail);
        }
        if (!isStarting() || next.phase().compareTo(progress.phase()) < 0) {
            return this;
        }
        LeaseState reached =
                next.phase() == LeaseProgress.Phase.ON_NETWORK
                        ? LeaseState.RUNNING
                        : LeaseState.STARTING;
        // The time of a start counts from its acceptance, so a start's phases don't renew it.
        Instant from = reached == LeaseState.RUNNING ? now : since;
        return new LeaseStatus(reached, next, from, reason, detail);
    }

    private LeaseStatus stopped(EndReason why, String text, Instant now) {
        if (state == LeaseState.STOPPING) {
            return this;
        }
        return state == LeaseState.RESERVED
                ? end(why, text, now)
                : new LeaseStatus(LeaseState.STOPPING, progress, now, Optional.of(why), text);
    }

    private LeaseStatus gone(EndReason why, String text, Instant now) {
        if (state == LeaseState.STOPPING) {
            return end(reason.orElse(why), detail.isEmpty() ? text : detail, now);
        }
        return end(ran() ? why : EndReason.START_FAILED, text, now);
    }

    private LeaseStatus ticked(Instant heard, Limits limits, Instant now) {
        if (isWaiting() && isOver(since, limits.offer(), now)) {
            return end(EndReason.REJECTED, "the seller's computer did not answer the offer", now);
        }
        if (isStarting() && isOver(since, limits.boot().plus(BOOT_GRACE), now)) {
            return end(EndReason.START_FAILED, "the machine did not come up in time", now);
        }
        Duration most = isWaiting() || isStarting() ? limits.lostStarting() : limits.lostRunning();
        if (!isOver(heard, most, now)) {
            return this;
        }
        return end(reason.orElse(EndReason.LOST), "the seller's computer was not heard of", now);
    }

    private static boolean isOver(Instant from, Duration most, Instant now) {
        return now.isAfter(from.plus(most));
    }

    private LeaseStatus to(LeaseState next, Instant now) {
        return new LeaseStatus(next, progress, now, reason, detail);
    }

    private LeaseStatus end(EndReason why, String text, Instant now) {
        return new LeaseStatus(LeaseState.ENDED, progress, now, Optional.of(why), text);
    }
}
