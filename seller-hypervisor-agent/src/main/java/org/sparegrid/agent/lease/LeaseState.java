// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import org.sparegrid.agent.hypervisor.VmEnd;
import org.sparegrid.protocol.market.EndReason;

/// The life of a lease as a state machine: an event and the time in, the next state out.
///
/// Times are milliseconds since the computer's boot.
///
/// @param stage where it stands
/// @param deadlineMillis when the guest must be on its network, once it was launched
/// @param runningSinceMillis when it came on its network, or -1
/// @param reason why it ended; only if [Stage#isOver()]
/// @param detail the same for people
public record LeaseState(
        Stage stage,
        long deadlineMillis,
        long runningSinceMillis,
        EndReason reason,
        String detail) {
    /// The state of a lease that was just accepted.
    public static final LeaseState ACCEPTED =
            new LeaseState(Stage.ACCEPTED, Long.MAX_VALUE, -1, EndReason.START_FAILED, "");

    /// What can happen to a lease.
    public sealed interface Event {
        /// The coordinator sent the network for the first time.
        record NetworkKnown() implements Event {}

        /// The image is here and verified.
        record ImageReady(long bootMillisMax) implements Event {}

        /// The guest was made and may run.
        record Launched() implements Event {}

        /// The guest wrote to its console.
        record Spoke() implements Event {}

        /// The guest took its address by DHCP.
        record TookAddress() implements Event {}

        /// Somebody wants it to end.
        record StopAsked(EndReason reason, String why) implements Event {}

        /// Something that the start needs did not work.
        record StartFailed(String why) implements Event {}

        /// The guest's QEMU is gone.
        record GuestGone(VmEnd how) implements Event {}

        /// The agent came back and had died in the middle of making the guest.
        record LaunchLost() implements Event {}

        /// Everything of it is removed.
        record Removed() implements Event {}

        /// Time passed.
        record Ticked() implements Event {}
    }

    /// The state after `event`. Events that come too late change nothing.
    public LeaseState after(Event event, long nowMillis) {
        if (stage == Stage.ENDED) {
            return this;
        }
        if (stage == Stage.ENDING) {
            return event instanceof Event.Removed ? at(Stage.ENDED) : this;
        }
        return switch (event) {
            case Event.NetworkKnown _ -> stage == Stage.ACCEPTED ? at(Stage.FETCHING) : this;
            case Event.ImageReady ready -> afterImage(ready, nowMillis);
            case Event.Launched _ -> stage == Stage.LAUNCHING ? at(Stage.BOOTING) : this;
            case Event.Spoke _ -> stage == Stage.BOOTING ? at(Stage.BOOTED) : this;
            case Event.TookAddress _ -> afterAddress(nowMillis);
            case Event.StopAsked stop -> ending(stop.reason(), stop.why());
            case Event.StartFailed failed -> ending(EndReason.START_FAILED, failed.why());
            case Event.GuestGone gone -> afterGuest(gone.how());
            case Event.LaunchLost _ -> stage == Stage.LAUNCHING ? at(Stage.FETCHING) : this;
            case Event.Removed _ -> this;
            case Event.Ticked _ -> afterTick(nowMillis);
        };
    }

    private LeaseState afterImage(Event.ImageReady ready, long nowMillis) {
        return stage == Stage.FETCHING
                ? new LeaseState(
                        Stage.LAUNCHING, nowMillis + ready.bootMillisMax(), -1, reason, detail)
                : this;
    }

    private LeaseState afterAddress(long nowMillis) {
        return stage == Stage.BOOTING || stage == Stage.BOOTED
                ? new LeaseState(Stage.ON_NETWORK, deadlineMillis, nowMillis, reason, detail)
                : this;
    }

    private LeaseState afterGuest(VmEnd how) {
        if (!stage.hasGuest()) {
            return this;
        }
        boolean ran = stage == Stage.ON_NETWORK;
        return switch (how) {
            case POWERED_OFF ->
                    ran
                            ? ending(EndReason.POWERED_OFF, "the guest switched itself off")
                            : ending(
                                    EndReason.START_FAILED,
                                    "the guest switched itself off before it was on its network");
            case STOPPED -> ending(EndReason.SELLER, "the guest was stopped on this computer");
            case DIED, GONE ->
                    ending(
                            ran ? EndReason.FAILED : EndReason.START_FAILED,
                            how == VmEnd.DIED ? "QEMU died" : "the computer was restarted");
        };
    }

    private LeaseState afterTick(long nowMillis) {
        boolean starting = stage == Stage.BOOTING || stage == Stage.BOOTED;
        return starting && nowMillis > deadlineMillis
                ? ending(
                        EndReason.START_FAILED,
                        stage == Stage.BOOTED
                                ? "the guest did not ask for its address in time"
                                : "the guest wrote nothing to its console in time")
                : this;
    }

    private LeaseState ending(EndReason why, String words) {
        String cut = words.length() <= 400 ? words : words.substring(0, 400);
        return new LeaseState(Stage.ENDING, deadlineMillis, runningSinceMillis, why, cut);
    }

    private LeaseState at(Stage next) {
        return new LeaseState(next, deadlineMillis, runningSinceMillis, reason, detail);
    }
}
