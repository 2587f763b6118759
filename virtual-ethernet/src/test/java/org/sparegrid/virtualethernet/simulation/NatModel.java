// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.simulation;

import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.path.PathStatus.Kind;

/// How an address translator behaves. Source: RFC 4787, sections 4 and 5.
///
/// @param mapping what decides the outer port
/// @param filtering who may send to it
/// @param keepsPort whether the outer port is the inner one if it is free
/// @param hairpin whether inner machines reach each other by outer addresses
/// @param acceptsInput whether the router itself takes what no machine inside asked for, which
///   makes it map later packets to the same sender differently (a bare Linux router)
/// @param timeoutNanos silence after which it forgets a flow
record NatModel(
        Mapping mapping,
        Filtering filtering,
        boolean keepsPort,
        boolean hairpin,
        boolean acceptsInput,
        long timeoutNanos) {
    /// What decides the outer port.
    enum Mapping {
        /// The inner address and port alone.
        ENDPOINT_INDEPENDENT,
        /// Also the target's address.
        ADDRESS,
        /// Also the target's address and port.
        ADDRESS_AND_PORT
    }

    /// Who may send to an outer port.
    enum Filtering {
        /// Everybody.
        NOBODY,
        /// Addresses to which it has sent.
        ADDRESS,
        /// Addresses and ports to which it has sent.
        ADDRESS_AND_PORT
    }

    private static final long TIMEOUT_NANOS = 30_000_000_000L;

    static final NatModel CONE = of(Mapping.ENDPOINT_INDEPENDENT, Filtering.NOBODY, true);
    static final NatModel RESTRICTED = of(Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS, true);
    static final NatModel PORT_RESTRICTED =
            of(Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_AND_PORT, true);
    static final NatModel OTHER_PORT =
            of(Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_AND_PORT, false);
    static final NatModel SYMMETRIC =
            of(Mapping.ADDRESS_AND_PORT, Filtering.ADDRESS_AND_PORT, false);
    static final NatModel INPUT_ACCEPT =
            new NatModel(
                    Mapping.ENDPOINT_INDEPENDENT,
                    Filtering.ADDRESS_AND_PORT,
                    true,
                    false,
                    true,
                    TIMEOUT_NANOS);

    private static NatModel of(Mapping mapping, Filtering filtering, boolean keepsPort) {
        return new NatModel(mapping, filtering, keepsPort, false, false, TIMEOUT_NANOS);
    }

    /// Any model there is.
    static NatModel draw(RandomGenerator random) {
        Mapping mapping = Mapping.values()[random.nextInt(3)];
        Filtering filtering = Filtering.values()[random.nextInt(3)];
        boolean independent = mapping == Mapping.ENDPOINT_INDEPENDENT;
        return new NatModel(
                mapping,
                filtering,
                independent && random.nextBoolean(),
                random.nextBoolean(),
                independent && filtering == Filtering.ADDRESS_AND_PORT && random.nextInt(3) == 0,
                (30 + random.nextInt(90)) * 1_000_000_000L);
    }

    /// Whether two machines behind such translators can reach each other by plain probing.
    private static boolean canMeet(NatModel one, NatModel other) {
        return one.isReachedBy(other) || other.isReachedBy(one);
    }

    /// How two machines may end up; by chance in both ways, where the translator of one is seen to
    /// map each target anew and that of the other does not, so that ports are guessed.
    static Set<Kind> outcomes(@Nullable NatModel one, @Nullable NatModel other) {
        if (one == null || other == null || canMeet(one, other)) {
            return Set.of(Kind.DIRECT);
        }
        boolean byChance =
                (one.mapping == Mapping.ADDRESS_AND_PORT)
                        != (other.mapping == Mapping.ADDRESS_AND_PORT);
        return byChance ? Set.of(Kind.DIRECT, Kind.RELAYED) : Set.of(Kind.RELAYED);
    }

    private boolean isIndependent() {
        return mapping == Mapping.ENDPOINT_INDEPENDENT;
    }

    /// Whether a ping from behind `other` comes in at the port that relays know, and the answer
    /// gets back.
    private boolean isReachedBy(NatModel other) {
        boolean enters =
                switch (filtering) {
                    case NOBODY -> true;
                    case ADDRESS -> isIndependent();
                    case ADDRESS_AND_PORT -> isIndependent() && other.isIndependent();
                };
        return enters && (isIndependent() || other.filtering != Filtering.ADDRESS_AND_PORT);
    }
}
