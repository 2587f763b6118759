// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.coordinator.volume.VolumeStatus.Happening;
import org.sparegrid.coordinator.volume.VolumeStatus.State;
import org.sparegrid.testsupport.Property;

class VolumeStatusTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = START.plusSeconds(60);

    private static VolumeStatus after(Happening... happenings) {
        VolumeStatus status = VolumeStatus.making(START);
        for (Happening happening : happenings) {
            status = status.after(happening, LATER);
        }
        return status;
    }

    private static Happening drop() {
        return new Happening.DropAsked("removed");
    }

    @Test
    void isKeptOnceItsComputerSaysSo() {
        assertThat(after(new Happening.Kept())).isEqualTo(new VolumeStatus(State.KEPT, LATER, ""));
    }

    @Test
    void endsWhereItCouldNotBeMade() {
        assertThat(after(new Happening.Gone("the disk is full")))
                .isEqualTo(new VolumeStatus(State.ENDED, LATER, "the disk is full"));
    }

    @Test
    void isNotLostBeforeItWasMade() {
        assertThat(after(new Happening.Missing()).state()).isEqualTo(State.MAKING);
    }

    @Test
    void isLostWhenItsComputerDoesNotFindItAndComesBackWhenItDoes() {
        VolumeStatus lost = after(new Happening.Kept(), new Happening.Missing());
        assertThat(lost.state()).isEqualTo(State.LOST);
        assertThat(lost.after(new Happening.Kept(), LATER).state()).isEqualTo(State.KEPT);
    }

    @Test
    void endsOnlyWhenItsComputerHasRemovedIt() {
        assertThat(after(new Happening.Kept(), drop()).state()).isEqualTo(State.DELETING);
        assertThat(after(new Happening.Kept(), drop(), new Happening.Gone("done")))
                .isEqualTo(new VolumeStatus(State.ENDED, LATER, "removed"));
        assertThat(after(new Happening.Kept(), drop(), new Happening.Missing()).state())
                .isEqualTo(State.ENDED);
        assertThat(after(new Happening.Kept(), drop(), new Happening.Kept()).state())
                .as("no way back")
                .isEqualTo(State.DELETING);
    }

    @Test
    void isGivenUpWhenItsComputerMakesNoRoomInTime() {
        VolumeStatus making = VolumeStatus.making(START);
        Instant end = START.plus(VolumeStatus.MAKING_MAX);
        assertThat(making.after(new Happening.Ticked(), end.minusMillis(1))).isEqualTo(making);
        assertThat(making.after(new Happening.Ticked(), end).state()).isEqualTo(State.DELETING);
    }

    @Test
    void isGivenUpWhenItWasLostForLong() {
        VolumeStatus lost = after(new Happening.Kept(), new Happening.Missing());
        Instant end = LATER.plus(VolumeStatus.LOST_MAX);
        assertThat(lost.after(new Happening.Ticked(), end.minusMillis(1))).isEqualTo(lost);
        assertThat(lost.after(new Happening.Ticked(), end).state()).isEqualTo(State.DELETING);
    }

    /// A computer that is away for a year still has it.
    @Test
    void isNeverDeletedByTimeAlone() {
        VolumeStatus kept = after(new Happening.Kept());
        assertThat(kept.after(new Happening.Ticked(), LATER.plus(Duration.ofDays(365))))
                .isEqualTo(kept);
    }

    @Test
    void neverLeavesItsEndAndNeverComesBackFromDeleting() {
        List<Happening> all =
                List.of(
                        new Happening.Kept(),
                        new Happening.Missing(),
                        new Happening.Gone("x"),
                        drop(),
                        new Happening.Ticked());
        Property.holds(
                1_000,
                random -> {
                    VolumeStatus status = VolumeStatus.making(START);
                    Instant now = START;
                    for (int i = 0; i < 30; i++) {
                        now = now.plusSeconds(random.nextInt(100_000));
                        VolumeStatus next = status.after(all.get(random.nextInt(all.size())), now);
                        if (!status.state().isLive()) {
                            assertThat(next.state().compareTo(status.state())).isNotNegative();
                        }
                        status = next;
                    }
                });
    }
}
