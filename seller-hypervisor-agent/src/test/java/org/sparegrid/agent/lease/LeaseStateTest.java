// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sparegrid.agent.hypervisor.VmEnd;
import org.sparegrid.agent.lease.LeaseState.Event;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.testsupport.Property;

class LeaseStateTest {
    private static final List<Event> EVENTS =
            List.of(
                    new Event.NetworkKnown(),
                    new Event.ImageReady(90_000),
                    new Event.Launched(),
                    new Event.Spoke(),
                    new Event.TookAddress(),
                    new Event.StopAsked(EndReason.BUYER, "enough"),
                    new Event.StartFailed("no room"),
                    new Event.GuestGone(VmEnd.DIED),
                    new Event.LaunchLost(),
                    new Event.DiscLost("gone"),
                    new Event.StartsTooOften("again"),
                    new Event.DiscAwaited(5000),
                    new Event.Removed(),
                    new Event.Ticked());

    private static LeaseState after(Event... events) {
        LeaseState state = LeaseState.ACCEPTED;
        long now = 1000;
        for (Event event : events) {
            state = state.after(event, now);
            now += 1000;
        }
        return state;
    }

    private static LeaseState running() {
        return after(
                new Event.NetworkKnown(),
                new Event.ImageReady(90_000),
                new Event.Launched(),
                new Event.Spoke(),
                new Event.TookAddress());
    }

    private static LeaseState booting() {
        return after(new Event.NetworkKnown(), new Event.ImageReady(90_000), new Event.Launched());
    }

    @Test
    void waitingForTheDiscTakesNoTimeOfTheStart() {
        LeaseState waited = booting().after(new Event.DiscAwaited(60_000), 70_000);
        assertThat(waited.after(new Event.Ticked(), 150_000)).isEqualTo(waited);
        assertThat(waited.after(new Event.Ticked(), 153_000).stage()).isEqualTo(Stage.ENDING);
        assertThat(running().after(new Event.DiscAwaited(60_000), 70_000)).isEqualTo(running());
    }

    @Test
    void aLostDiscEndsTheLeaseUnpaidIfItNeverCameUp() {
        LeaseState lost = booting().after(new Event.DiscLost("chunk 7 is wrong"), 5000);
        assertThat(lost.stage()).isEqualTo(Stage.ENDING);
        assertThat(lost.reason()).isEqualTo(EndReason.START_FAILED);
        assertThat(lost.detail()).isEqualTo("chunk 7 is wrong");
        assertThat(lost.paidMillis(9000)).isZero();
        assertThat(running().after(new Event.DiscLost("x"), 9000).reason())
                .isEqualTo(EndReason.FAILED);
        assertThat(booting().after(new Event.StartsTooOften("x"), 9000).reason())
                .isEqualTo(EndReason.START_FAILED);
        assertThat(running().after(new Event.StartsTooOften("x"), 9000).reason())
                .isEqualTo(EndReason.FAILED);
    }

    @Test
    void startsStepByStep() {
        assertThat(after(new Event.NetworkKnown()).stage()).isEqualTo(Stage.FETCHING);
        assertThat(running())
                .isEqualTo(
                        new LeaseState(
                                Stage.ON_NETWORK,
                                92_000,
                                5000,
                                EndReason.START_FAILED,
                                "",
                                new Pace(100, 5000, 0),
                                0));
    }

    @Test
    void doesNotBootBeforeTheNetworkIsKnown() {
        assertThat(after(new Event.ImageReady(1), new Event.Launched()).stage())
                .isEqualTo(Stage.ACCEPTED);
    }

    @Test
    void failsTheStartAfterItsTime() {
        LeaseState booting =
                after(new Event.NetworkKnown(), new Event.ImageReady(90_000), new Event.Launched());

        assertThat(booting.after(new Event.Ticked(), 92_000)).isEqualTo(booting);
        LeaseState late = booting.after(new Event.Ticked(), 92_001);
        assertThat(late.stage()).isEqualTo(Stage.ENDING);
        assertThat(late.reason()).isEqualTo(EndReason.START_FAILED);
        assertThat(late.detail()).contains("wrote nothing");
    }

    @Test
    void letsARunningGuestRunForEver() {
        assertThat(running().after(new Event.Ticked(), Long.MAX_VALUE)).isEqualTo(running());
    }

    @ParameterizedTest
    @EnumSource(VmEnd.class)
    void saysWhyARunningGuestEnded(VmEnd end) {
        EndReason reason = running().after(new Event.GuestGone(end), 9000).reason();

        assertThat(reason)
                .isEqualTo(
                        switch (end) {
                            case POWERED_OFF -> EndReason.POWERED_OFF;
                            case STOPPED -> EndReason.SELLER;
                            case DIED, GONE -> EndReason.FAILED;
                        });
    }

    @Test
    void chargesNothingForAGuestThatDiedAtItsStart() {
        LeaseState booting =
                after(new Event.NetworkKnown(), new Event.ImageReady(1), new Event.Launched());

        LeaseState ended = booting.after(new Event.GuestGone(VmEnd.DIED), 9000);

        assertThat(ended.reason()).isEqualTo(EndReason.START_FAILED);
        assertThat(ended.runningSinceMillis()).isNegative();
    }

    @Test
    void saysHowMuchOfItRuns() {
        LeaseState running =
                after(
                        new Event.NetworkKnown(),
                        new Event.ImageReady(90_000),
                        new Event.Launched(),
                        new Event.Spoke(),
                        new Event.TookAddress());
        LeaseState frozen = running.after(new Event.PaceSet(0), 9000);

        assertThat(running.progress()).isEqualTo(LeaseProgress.held(100));
        assertThat(frozen.progress().paidPercent()).isZero();
        assertThat(frozen.after(new Event.Parked(), 9500).progress().paidPercent()).isZero();
        assertThat(frozen.after(new Event.PaceSet(25), 9900).progress().paidPercent())
                .isEqualTo(25);
        assertThat(frozen.after(new Event.PaceSet(100), 9900).progress())
                .isEqualTo(running.progress());
    }

    @Test
    void fetchesAgainWhatWasLostInTheMiddleOfALaunch() {
        LeaseState launching = after(new Event.NetworkKnown(), new Event.ImageReady(90_000));

        assertThat(launching.after(new Event.LaunchLost(), 9000).stage()).isEqualTo(Stage.FETCHING);
    }

    @Test
    void neverComesBackAndKeepsItsFirstReason() {
        Property.holds(
                2000,
                random -> {
                    LeaseState state = LeaseState.ACCEPTED;
                    for (int i = 0; i < 40; i++) {
                        Event event = EVENTS.get(random.nextInt(EVENTS.size()));
                        LeaseState next = state.after(event, i * 1000L);
                        if (state.stage().isOver()) {
                            assertThat(next.stage()).isGreaterThanOrEqualTo(state.stage());
                            assertThat(next.reason()).isEqualTo(state.reason());
                            assertThat(next.detail()).isEqualTo(state.detail());
                        }
                        if (state.stage() == Stage.ON_NETWORK) {
                            assertThat(next.runningSinceMillis())
                                    .isEqualTo(state.runningSinceMillis());
                        }
                        state = next;
                    }
                });
    }
}
