// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// How far a machine's start has come, and then how much of it its seller lets run.
///
/// @param phase what is being done
/// @param done bytes fetched, or seconds waited; on the network, the percentage of [#held]
/// @param total bytes to fetch, or 0 where no end is known; on the network, 100 or 0
public record LeaseProgress(Phase phase, long done, long total) {
    /// The start of a lease that nobody works on yet.
    public static final LeaseProgress NONE = new LeaseProgress(Phase.MATCHED, 0, 0);

    private static final int WHOLE = 100;

    /// A machine on its network that its seller holds back.
    ///
    /// @param paidPercent how much of the time is paid meanwhile, 0 to 100; 0: it stands still
    public static LeaseProgress held(int paidPercent) {
        return paidPercent == WHOLE
                ? new LeaseProgress(Phase.ON_NETWORK, 0, 0)
                : new LeaseProgress(Phase.ON_NETWORK, paidPercent, WHOLE);
    }

    /// How much of the time is paid, 0 to 100, of a machine on its network.
    public int paidPercent() {
        return phase == Phase.ON_NETWORK && total == WHOLE && done >= 0 && done <= WHOLE
                ? (int) done
                : WHOLE;
    }

    /// The parts of a start, in their order.
    public enum Phase {
        /// A slot is held.
        MATCHED,
        /// The agent fetches and verifies the image.
        FETCHING,
        /// The guest was started and has written nothing yet.
        BOOTING,
        /// The guest writes to its console.
        BOOTED,
        /// The guest took its address on the network.
        ON_NETWORK
    }
}
