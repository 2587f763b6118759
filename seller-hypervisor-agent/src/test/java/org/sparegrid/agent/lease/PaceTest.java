// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.sparegrid.agent.hypervisor.VmEnd;
import org.sparegrid.agent.lease.LeaseState.Event;
import org.sparegrid.testsupport.Property;

class PaceTest {
    private static LeaseState running(long atMillis) {
        return LeaseState.ACCEPTED
                .after(new Event.NetworkKnown(), 0)
                .after(new Event.ImageReady(60_000), 0)
                .after(new Event.Launched(), 0)
                .after(new Event.TookAddress(), atMillis);
    }

    @Test
    void doesNotChargeFrozenTime() {
        LeaseState frozen = running(5000).after(new Event.PaceSet(0), 15_000);
        assertThat(frozen.paidMillis(15_000)).isEqualTo(10_000);
        assertThat(frozen.paidMillis(999_000)).isEqualTo(10_000);

        LeaseState again = frozen.after(new Event.PaceSet(100), 65_000);
        assertThat(again.paidMillis(66_000)).isEqualTo(11_000);
    }

    @Test
    void chargesThrottledTimeInPart() {
        LeaseState slow = running(0).after(new Event.PaceSet(25), 10_000);

        assertThat(slow.paidMillis(50_000)).isEqualTo(20_000);
    }

    @Test
    void doesNotCountWhatWasFrozenBeforeTheMeterRan() {
        LeaseState booting =
                LeaseState.ACCEPTED
                        .after(new Event.NetworkKnown(), 0)
                        .after(new Event.ImageReady(60_000), 0)
                        .after(new Event.Launched(), 0)
                        .after(new Event.PaceSet(0), 1000)
                        .after(new Event.PaceSet(100), 41_000);
        assertThat(booting.deadlineMillis()).isEqualTo(100_000);
        LeaseState running = booting.after(new Event.TookAddress(), 50_000);

        assertThat(running.paidMillis(50_000)).isZero();
        assertThat(running.paidMillis(51_000)).isEqualTo(1000);
    }

    @Test
    void neverTimesOutWhileFrozen() {
        LeaseState booting =
                LeaseState.ACCEPTED
                        .after(new Event.NetworkKnown(), 0)
                        .after(new Event.ImageReady(60_000), 0)
                        .after(new Event.Launched(), 0)
                        .after(new Event.PaceSet(0), 1000);

        assertThat(booting.after(new Event.Ticked(), 500_000).stage()).isEqualTo(Stage.BOOTING);
    }

    @Test
    void chargesNothingForAFreezeThatNobodyWroteDown() {
        LeaseState found = running(5000).after(new Event.FoundFrozen(7000), 900_000);

        assertThat(found.paidMillis(950_000)).isEqualTo(7000);
        LeaseState again = found.after(new Event.PaceSet(100), 950_000);
        assertThat(again.paidMillis(951_000)).isEqualTo(8000);
    }

    @Test
    void keepsItsBillOverParkingAndARestartOfTheComputer() {
        LeaseState parked =
                running(5000).after(new Event.PaceSet(0), 15_000).after(new Event.Parked(), 16_000);
        assertThat(parked.stage()).isEqualTo(Stage.PARKED);
        // The new boot's clock begins at zero.
        LeaseState found = parked.after(new Event.FoundParked(10_000), 300);
        LeaseState back =
                found.after(new Event.Unparked(77), 800).after(new Event.PaceSet(100), 1000);

        assertThat(back.stage()).isEqualTo(Stage.ON_NETWORK);
        assertThat(back.cpuBaseNanos()).isEqualTo(77);
        assertThat(back.paidMillis(3000)).isEqualTo(12_000);
    }

    @Test
    void endsWhenItsSavedStateIsLost() {
        LeaseState parked = running(0).after(new Event.Parked(), 1000);

        assertThat(parked.after(new Event.GuestGone(VmEnd.GONE), 2000).stage())
                .isEqualTo(Stage.ENDING);
        assertThat(LeaseState.ACCEPTED.after(new Event.Parked(), 0).stage())
                .isEqualTo(Stage.ACCEPTED);
    }

    @Test
    void neverChargesMoreThanPassedAndNeverLess() {
        Property.holds(
                1000,
                random -> {
                    long start = random.nextInt(10_000);
                    LeaseState state = running(start);
                    long now = start;
                    double owed = 0;
                    for (int i = 0; i < 30; i++) {
                        long step = random.nextInt(5000);
                        owed += step * state.pace().percent() / 100.0;
                        now += step;
                        long before = state.paidMillis(now);
                        state = state.after(new Event.PaceSet(random.nextInt(101)), now);
                        assertThat(state.paidMillis(now)).isEqualTo(before);
                    }
                    // Each change may round by a millisecond.
                    assertThat((double) state.paidMillis(now)).isBetween(owed - 31, owed + 31);
                });
    }
}
