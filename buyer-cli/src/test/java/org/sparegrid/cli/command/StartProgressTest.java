// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseProgress.Phase;
import org.sparegrid.protocol.market.LeaseState;

class StartProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final StartProgress progress = new StartProgress(0);

    private static Lease at(LeaseState state, Phase phase) {
        return Samples.lease("node1", state, new LeaseProgress(phase, 30_000_000, 60_000_000));
    }

    @Test
    void timesEachPartFromTheEndOfTheOneBefore() {
        assertThat(progress.observe(at(LeaseState.OFFERED, Phase.MATCHED), false, SECOND))
                .isEmpty();
        assertThat(progress.observe(at(LeaseState.STARTING, Phase.FETCHING), false, 2 * SECOND))
                .extracting(StartProgress.Ended::line)
                .containsExactly(
                        "node1    match           2.0 s  at a home computer with a very long name,"
                                + " emulated, 0.0500 an hour");
        assertThat(progress.observe(at(LeaseState.STARTING, Phase.BOOTING), false, 5 * SECOND))
                .extracting(StartProgress.Ended::line)
                .containsExactly("node1    fetch           3.0 s");
        assertThat(progress.observe(at(LeaseState.RUNNING, Phase.ON_NETWORK), true, 65 * SECOND))
                .extracting(StartProgress.Ended::line)
                .containsExactly(
                        "node1    boot       1 min 00 s",
                        "node1    network         0.0 s  10.77.3.11",
                        "node1    ready           0.0 s  ssh answers");
    }

    @Test
    void showsBytesWhileFetching() {
        progress.observe(at(LeaseState.STARTING, Phase.FETCHING), false, SECOND);
        assertThat(progress.table(79, 3 * SECOND))
                .last()
                .asString()
                .contains("1.0 s", "2.0 s", "50%  30.0 MB of 60.0 MB");
    }

    @Test
    void showsHowMuchOfTheImageAMachineThatBootsHas() {
        assertThat(Words.state(at(LeaseState.STARTING, Phase.BOOTED)))
                .isEqualTo("booting, 50% of image");
    }

    @Test
    void neverGoesBack() {
        progress.observe(at(LeaseState.STARTING, Phase.BOOTED), false, SECOND);
        assertThat(progress.observe(at(LeaseState.STARTING, Phase.FETCHING), false, 2 * SECOND))
                .isEmpty();
    }
}
