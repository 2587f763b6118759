// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.market;

/// How far a machine's start has come.
///
/// @param phase what is being done
/// @param done bytes fetched, or seconds waited
/// @param total bytes to fetch, or 0 where no end is known
public record LeaseProgress(Phase phase, long done, long total) {
    /// The start of a lease that nobody works on yet.
    public static final LeaseProgress NONE = new LeaseProgress(Phase.MATCHED, 0, 0);

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
