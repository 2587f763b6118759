// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.coordinator.lease.LeaseStatus.Happening;
import org.sparegrid.protocol.market.EndReason;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseProgress.Phase;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.testsupport.Property;

class LeaseStatusTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(900),
                    Duration.ofSeconds(120),
                    Duration.ofMinutes(10));

    @Test
    void goesFromReservationToSettlement() {
        LeaseStatus status = running();
        assertThat(status.state()).isEqualTo(LeaseState.RUNNING);
        assertThat(status.ran()).isTrue();
        status = after(status, new Happening.StopAsked(EndReason.BUYER, "stopped"), 100);
        assertThat(status.state()).isEqualTo(LeaseState.STOPPING);
        status = after(status, new Happening.Gone(EndReason.SELLER, "gone"), 101);
        assertThat(status.state()).isEqualTo(LeaseState.ENDED);
        assertThat(status.reason()).contains(EndReason.BUYER);
        assertThat(status.detail()).isEqualTo("stopped");
        assertThat(after(status, new Happening.Settled(), 102).state())
                .isEqualTo(LeaseState.SETTLED);
    }

    @Test
    void isReplacedWhenTheOfferIsNotAnsweredInTenSeconds() {
        LeaseStatus offered = offered();
        assertThat(after(offered, heard(11), 10)).isEqualTo(offered);
        LeaseStatus late = after(offered, heard(12), 12);
        assertThat(late.state()).isEqualTo(LeaseState.ENDED);
        assertThat(late.reason()).contains(EndReason.REJECTED);
        assertThat(late.mayBeReplaced()).isTrue();
    }

    @Test
    void countsAnyEndBeforeTheNetworkAsAFailedStart() {
        LeaseStatus starting = after(accepted(), progressed(Phase.BOOTED), 5);
        for (EndReason told : List.of(EndReason.FAILED, EndReason.POWERED_OFF, EndReason.SELLER)) {
            LeaseStatus gone = after(starting, new Happening.Gone(told, "why"), 6);
            assertThat(gone.reason()).contains(EndReason.START_FAILED);
            assertThat(gone.mayBeReplaced()).isTrue();
        }
    }

    @Test
    void isNeverReplacedOnceItRanOrTheBuyerStoppedIt() {
        LeaseStatus failed = after(running(), new Happening.Gone(EndReason.FAILED, ""), 9);
        assertThat(failed.reason()).contains(EndReason.FAILED);
        assertThat(failed.mayBeReplaced()).isFalse();
        LeaseStatus stopping = after(accepted(), new Happening.StopAsked(EndReason.BUYER, ""), 9);
        LeaseStatus gone = after(stopping, new Happening.Gone(EndReason.START_FAILED, ""), 10);
        assertThat(gone.reason()).contains(EndReason.BUYER);
        assertThat(gone.mayBeReplaced()).isFalse();
    }

    @Test
    void losesAStartingMachineAfterTwoMinutesAndARunningOneAfterTen() {
        LeaseStatus starting = accepted();
        assertThat(after(starting, heard(3), 123).state()).isEqualTo(LeaseState.ACCEPTED);
        assertThat(after(starting, heard(3), 124).reason()).contains(EndReason.LOST);
        LeaseStatus running = running();
        assertThat(after(running, heard(10), 610)).isEqualTo(running);
        assertThat(after(running, heard(10), 611).reason()).contains(EndReason.LOST);
    }

    @Test
    void doesNotRenewTheTimeOfAStartWithItsPhases() {
        LeaseStatus booting = after(accepted(), progressed(Phase.BOOTING), 800);
        assertThat(after(booting, heard(932), 932).state()).isEqualTo(LeaseState.STARTING);
        assertThat(after(booting, heard(933), 933).reason()).contains(EndReason.START_FAILED);
    }

    @Test
    void doesNotGoBackToAnEarlierPhase() {
        LeaseStatus booted = after(accepted(), progressed(Phase.BOOTED), 5);
        assertThat(after(booted, progressed(Phase.FETCHING), 6)).isEqualTo(booted);
        assertThat(after(running(), progressed(Phase.BOOTING), 60)).isEqualTo(running());
    }

    @Test
    void endsAReservationAtOnceAndAsksTheAgentOfAnOffer() {
        Happening stop = new Happening.StopAsked(EndReason.BUYER, "");
        assertThat(after(LeaseStatus.reserved(START), stop, 1).state()).isEqualTo(LeaseState.ENDED);
        assertThat(after(offered(), stop, 2).state()).isEqualTo(LeaseState.STOPPING);
    }

    @Test
    void neverLivesAgainAndNeverGoesBack() {
        Property.holds(
                5000,
                random -> {
                    LeaseStatus status = LeaseStatus.reserved(START);
                    long now = 0;
                    for (int i = 0; i < 30; i++) {
                        now += random.nextInt(200);
                        LeaseStatus next = after(status, any(random, now), now);
                        assertThat(next.state()).isGreaterThanOrEqualTo(status.state());
                        assertThat(next.progress().phase())
                                .isGreaterThanOrEqualTo(status.progress().phase());
                        if (!status.state().isLive()) {
                            assertThat(next.reason()).isPresent().isEqualTo(status.reason());
                        }
                        status = next;
                    }
                });
    }

    private static Happening any(java.util.random.RandomGenerator random, long now) {
        Phase phase = Phase.values()[random.nextInt(Phase.values().length)];
        EndReason reason = EndReason.values()[random.nextInt(EndReason.values().length)];
        return switch (random.nextInt(8)) {
            case 0 -> new Happening.Offered();
            case 1 -> new Happening.Accepted();
            case 2 -> new Happening.Rejected("no");
            case 3, 4 -> progressed(phase);
            case 5 -> new Happening.StopAsked(reason, "stop");
            case 6 -> new Happening.Gone(reason, "gone");
            default -> random.nextBoolean() ? heard(now - 100) : new Happening.Settled();
        };
    }

    private static LeaseStatus offered() {
        return after(LeaseStatus.reserved(START), new Happening.Offered(), 1);
    }

    private static LeaseStatus accepted() {
        return after(offered(), new Happening.Accepted(), 2);
    }

    @Test
    void keepsRunningWhileTheSellerHoldsTheMachineBack() {
        LeaseStatus held = after(running(), new Happening.Progressed(LeaseProgress.held(0)), 60);
        LeaseStatus back = after(held, progressed(Phase.ON_NETWORK), 70);

        assertThat(held.state()).isEqualTo(LeaseState.RUNNING);
        assertThat(held.progress().paidPercent()).isZero();
        assertThat(held.ran()).isTrue();
        assertThat(held.since()).isEqualTo(running().since());
        assertThat(back).isEqualTo(running());
        assertThat(after(held, progressed(Phase.BOOTED), 70)).isEqualTo(held);
    }

    private static LeaseStatus running() {
        return after(accepted(), progressed(Phase.ON_NETWORK), 50);
    }

    private static Happening progressed(Phase phase) {
        return new Happening.Progressed(new LeaseProgress(phase, 0, 0));
    }

    private static Happening heard(long seconds) {
        return new Happening.Ticked(START.plusSeconds(seconds));
    }

    private static LeaseStatus after(LeaseStatus status, Happening happening, long seconds) {
        return status.after(happening, LIMITS, START.plusSeconds(seconds));
    }
}
