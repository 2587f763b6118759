// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.introduction;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// Which addresses networks and their members get.
///
/// In a network, host number 1 is the overlay's own, machine `rank` has number 11 + rank, and the
/// buyer's computers have 2 to 10 and what follows the machines. The number also makes the end of
/// the tunnel in 198.19.0.0/16 and the Ethernet address, which holds the VNI as well.
public final class AddressPlan {
    /// The host number of the first machine.
    public static final int FIRST_MACHINE = 11;

    private static final int FIRST_HOST = 2;
    private static final int TUNNELS = 198 << 24 | 19 << 16;
    private static final int SMALL_PREFIX = 24;
    private static final int LARGE_PREFIX = 22;

    /// With more machines than this, 254 addresses leave the buyer's computers too few.
    private static final int SMALL_MACHINES_MAX = 200;

    private AddressPlan() {}

    /// A range of IPv4 addresses.
    ///
    /// @param base its first address as a 32-bit number
    /// @param prefix how many bits its addresses have in common
    public record Range(int base, int prefix) {
        public Range {
            if (prefix < 8 || prefix > 30 || (base & hostMask(prefix)) != 0) {
                throw new IllegalArgumentException(
                        "range: expected a network such as 10.77.0.0/16");
            }
        }

        /// Reads `a.b.c.d/n`.
        public static Range parse(String text) {
            if (!text.matches("([0-9]{1,3}[.]){3}[0-9]{1,3}/[0-9]{1,2}")) {
                throw new IllegalArgumentException(
                        "range: expected a network such as 10.77.0.0/16, got '" + text + "'");
            }
            String[] parts = text.split("[./]", -1);
            int base = 0;
            for (int i = 0; i < 4; i++) {
                int octet = Integer.parseInt(parts[i]);
                if (octet > 255) {
                    throw new IllegalArgumentException("range: expected 0 to 255, got " + octet);
                }
                base = base << 8 | octet;
            }
            return new Range(base, Integer.parseInt(parts[4]));
        }

        /// The address of a host in it.
        public String host(int number) {
            return dotted(base + number);
        }

        boolean overlaps(Range other) {
            int mask = ~hostMask(Math.min(prefix, other.prefix));
            return (base & mask) == (other.base & mask);
        }

        int hostsMax() {
            return hostMask(prefix) - 1;
        }

        @Override
        public String toString() {
            return dotted(base) + "/" + prefix;
        }
    }

    /// The first range of `all` that fits so many machines and overlaps none of those in use.
    public static Optional<Range> subnet(Range all, int machines, Collection<Range> used) {
        int prefix = machines <= SMALL_MACHINES_MAX ? SMALL_PREFIX : LARGE_PREFIX;
        int step = hostMask(prefix) + 1;
        long count = prefix < all.prefix ? 0 : 1L << (prefix - all.prefix);
        for (long i = 0; i < count; i++) {
            Range candidate = new Range(all.base + (int) (i * step), prefix);
            if (used.stream().noneMatch(candidate::overlaps)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /// A free host number for a computer of the buyer.
    public static Optional<Integer> computer(Range subnet, int machines, Set<Integer> used) {
        for (int number = FIRST_HOST; number <= subnet.hostsMax(); number++) {
            boolean ofMachine = number >= FIRST_MACHINE && number < FIRST_MACHINE + machines;
            if (!ofMachine && !used.contains(number)) {
                return Optional.of(number);
            }
        }
        return Optional.empty();
    }

    /// The end of a member's tunnel.
    public static String tunnel(int number) {
        return dotted(TUNNELS + number);
    }

    /// A member's Ethernet address: locally administered, from the VNI and the host number.
    public static String mac(int vni, int number) {
        return "02:%02x:%02x:%02x:%02x:%02x"
                .formatted(
                        vni >> 16 & 0xff,
                        vni >> 8 & 0xff,
                        vni & 0xff,
                        number >> 8 & 0xff,
                        number & 0xff);
    }

    private static int hostMask(int prefix) {
        return (1 << (32 - prefix)) - 1;
    }

    private static String dotted(int address) {
        return (address >>> 24)
                + "."
                + (address >> 16 & 0xff)
                + "."
                + (address >> 8 & 0xff)
                + "."
                + (address & 0xff);
    }
}
