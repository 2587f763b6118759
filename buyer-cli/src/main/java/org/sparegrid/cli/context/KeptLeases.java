// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.context;

import java.net.Inet4Address;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.sparegrid.virtualethernet.network.LanLease;
import org.sparegrid.virtualethernet.network.MacAddress;

/// Leases of a LAN as a gateway keeps them on its disk.
record KeptLeases(List<Kept> leases) {
    KeptLeases {
        leases = List.copyOf(leases);
    }

    /// A lease.
    ///
    /// @param mac with colons
    /// @param address in dotted form
    /// @param until to the minute, so that what has not changed looks the same
    record Kept(String mac, String address, Instant until) {
        /// @throws IllegalArgumentException if the text is neither
        LanLease at(Instant now) {
            return new LanLease(
                    MacAddress.parse(mac),
                    Inet4Address.ofLiteral(address),
                    Duration.between(now, until));
        }
    }

    static KeptLeases of(List<LanLease> leases, Instant now) {
        return new KeptLeases(
                leases.stream()
                        .map(each ->
                                new Kept(
                                        each.mac().toString(),
                                        each.address().getHostAddress(),
                                        now.plus(each.remaining()).truncatedTo(ChronoUnit.MINUTES)))
                        .toList());
    }

    /// Those that hold still.
    List<LanLease> at(Instant now) {
        return leases.stream()
                .filter(each -> each.until().isAfter(now))
                .map(each -> each.at(now))
                .toList();
    }
}
