// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import org.sparegrid.agent.hypervisor.VmEnd;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseProgress.Phase;

/// The life of a lease as a state machine: an event and the time in, the next state out.
///
/// Times are milliseconds since the computer's boot.
///
/// @param stage where it stands
/// @param deadlineMillis when the guest must be on its network, once it was launched
/// @param runningSinceMillis when it came on its network, or -1
/// @param reason why it ended; only if [Stage#isOver()]
/// @param detail the same for people
/// @param pace how fast the guest runs
/// @param cpuBaseNanos processor time of its earlier QEMU processes, if it was parked
public record LeaseState(
        Stage stage,
        long deadlineMillis,
        long runningSinceMillis,
        EndReason reason,
        String detail,
        Pace pace,
        long cpuBaseNanos) {
    /// The state of a lease that was just accepted.
    public static final LeaseState ACCEPTED =
            new LeaseState(
                    Stage.ACCEPTED, Long.MAX_VALUE, -1, EndReason.START_FAILED, "", Pace.FULL, 0);

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

        /// It runs at another speed now.
        record PaceSet(int percent) implements Event {}

        /// It was found standing still, though nobody wrote that down; so much was paid by then.
        record FoundFrozen(long paidMillis) implements Event {}

        /// It was saved to the disk and its QEMU is gone.
        record Parked() implements Event {}

        /// It was found parked after the computer was started anew.
        record FoundParked(long paidMillis) implements Event {}

        /// It is back from the disk, standing still, in a new QEMU.
        record Unparked(long cpuNanosBefore) implements Event {}

        /// Its disc can't be had any more.
        record DiscLost(String why) implements Event {}

        /// The guest does nothing but start anew.
        record StartsTooOften(String why) implements Event {}

        /// It waited so much longer for its disc, which isn't its own time.
        record DiscAwaited(long millis) implements Event {}

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
            case Event.PaceSet set -> afterPace(set.percent(), nowMillis);
            case Event.FoundFrozen found -> paid(found.paidMillis(), nowMillis);
            case Event.Parked _ -> stage == Stage.ON_NETWORK ? at(Stage.PARKED) : this;
            case Event.FoundParked found -> paid(found.paidMillis(), nowMillis).at(Stage.PARKED);
            case Event.Unparked back -> afterUnparked(back.cpuNanosBefore());
            case Event.DiscLost lost -> failed(lost.why());
            case Event.StartsTooOften often -> failed(often.why());
            case Event.DiscAwaited awaited -> afterWait(awaited.millis());
            case Event.Removed _ -> this;
            case Event.Ticked _ -> afterTick(nowMillis);
        };
    }

    /// How far the start has come, for the coordinator.
    LeaseProgress progress() {
        return switch (stage) {
            case ACCEPTED -> LeaseProgress.NONE;
            case FETCHING, LAUNCHING -> new LeaseProgress(Phase.FETCHING, 0, 0);
            case BOOTING -> new LeaseProgress(Phase.BOOTING, 0, 0);
            case BOOTED -> new LeaseProgress(Phase.BOOTED, 0, 0);
            case ON_NETWORK, PARKED, ENDING, ENDED ->
                    runningSinceMillis >= 0
                            ? LeaseProgress.held(pace.percent())
                            : new LeaseProgress(Phase.BOOTING, 0, 0);
        };
    }

    /// Whether it is on its network, running or held back.
    boolean isRunning() {
        return (stage == Stage.ON_NETWORK || stage == Stage.PARKED) && runningSinceMillis >= 0;
    }

    /// How much of the time up to now is to be paid, in milliseconds.
    public long paidMillis(long nowMillis) {
        return runningSinceMillis < 0
                ? 0
                : Math.max(0, nowMillis - runningSinceMillis - pace.unpaid(nowMillis));
    }

    /// While it stands still, the time until it must be on its network stands still, too.
    private LeaseState afterPace(int percent, long nowMillis) {
        if (percent == pace.percent()) {
            return this;
        }
        boolean starting = stage == Stage.BOOTING || stage == Stage.BOOTED;
        long still = starting && pace.percent() == 0 ? nowMillis - pace.sinceMillis() : 0;
        return new LeaseState(
                stage,
                deadlineMillis + still,
                runningSinceMillis,
                reason,
                detail,
                pace.at(percent, nowMillis),
                cpuBaseNanos);
    }

    /// Standing still from now on, with so much paid before.
    private LeaseState paid(long paidMillis, long nowMillis) {
        boolean ran = runningSinceMillis >= 0;
        return new LeaseState(
                stage,
                deadlineMillis,
                ran ? nowMillis : runningSinceMillis,
                reason,
                detail,
                new Pace(0, nowMillis, ran ? -paidMillis : 0),
                cpuBaseNanos);
    }

    /// The time until it must be on its network is for starting, not for fetching.
    private LeaseState afterWait(long millis) {
        boolean starting = stage == Stage.BOOTING || stage == Stage.BOOTED;
        return starting && millis > 0
                ? new LeaseState(
                        stage,
                        deadlineMillis + millis,
                        runningSinceMillis,
                        reason,
                        detail,
                        pace,
                        cpuBaseNanos)
                : this;
    }

    private LeaseState afterUnparked(long cpuNanosBefore) {
        return stage == Stage.PARKED
                ? new LeaseState(
                        Stage.ON_NETWORK,
                        deadlineMillis,
                        runningSinceMillis,
                        reason,
                        detail,
                        pace,
                        cpuNanosBefore)
                : this;
    }

    private LeaseState afterImage(Event.ImageReady ready, long nowMillis) {
        return stage == Stage.FETCHING
                ? new LeaseState(
                        Stage.LAUNCHING,
                        nowMillis + ready.bootMillisMax(),
                        -1,
                        reason,
                        detail,
                        Pace.FULL,
                        0)
                : this;
    }

    private LeaseState afterAddress(long nowMillis) {
        return stage == Stage.BOOTING || stage == Stage.BOOTED
                ? new LeaseState(
                        Stage.ON_NETWORK,
                        deadlineMillis,
                        nowMillis,
                        reason,
                        detail,
                        pace.settled(nowMillis),
                        cpuBaseNanos)
                : this;
    }

    private LeaseState afterGuest(VmEnd how) {
        if (!stage.hasGuest() && stage != Stage.PARKED) {
            return this;
        }
        boolean ran = stage == Stage.ON_NETWORK || stage == Stage.PARKED;
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
        return starting && pace.percent() > 0 && nowMillis > deadlineMillis
                ? ending(
                        EndReason.START_FAILED,
                        stage == Stage.BOOTED
                                ? "the guest did not ask for its address in time"
                                : "the guest wrote nothing to its console in time")
                : this;
    }

    /// A machine that never came up costs nothing.
    private LeaseState failed(String words) {
        return ending(runningSinceMillis >= 0 ? EndReason.FAILED : EndReason.START_FAILED, words);
    }

    private LeaseState ending(EndReason why, String words) {
        String cut = words.length() <= 400 ? words : words.substring(0, 400);
        return new LeaseState(
                Stage.ENDING, deadlineMillis, runningSinceMillis, why, cut, pace, cpuBaseNanos);
    }

    private LeaseState at(Stage next) {
        return new LeaseState(
                next, deadlineMillis, runningSinceMillis, reason, detail, pace, cpuBaseNanos);
    }
}
