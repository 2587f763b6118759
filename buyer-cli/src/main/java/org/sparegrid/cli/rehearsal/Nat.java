// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import java.util.ArrayList;
import java.util.List;

/// The router that each seller is behind.
///
/// Source of the names: RFC 3489, section 5; of what they do: RFC 4787, sections 4 and 5.
public enum Nat {
    /// The seller has a public address.
    NONE,
    /// One port outside for each inside, open to all.
    FULL_CONE,
    /// One port outside for each inside, open to whom it has written to.
    PORT_RESTRICTED,
    /// Another port outside for each peer.
    SYMMETRIC;

    /// The commands of nftables that make a router of this kind.
    ///
    /// @param machine the address inside
    List<List<String>> rules(String machine) {
        List<String> rules = new ArrayList<>();
        rules.add("add table ip nat");
        rules.add("add chain ip nat out { type nat hook postrouting priority 100 ; }");
        rules.add("add chain ip nat in { type nat hook prerouting priority -100 ; }");
        rules.add("add table ip f");
        rules.add("add chain ip f pass { type filter hook forward priority 0 ; policy drop ; }");
        rules.add("add rule ip f pass ct state established,related accept");
        rules.add("add rule ip f pass ct status dnat accept");
        rules.add("add rule ip f pass iifname lan accept");
        // Else what arrives early would take the port that the machine's own packet needs.
        rules.add("add chain ip f own { type filter hook input priority 0 ; }");
        rules.add("add rule ip f own ct state established,related accept");
        rules.add("add rule ip f own iifname eth0 drop");
        if (this == FULL_CONE) {
            rules.add("add rule ip nat in iifname eth0 udp dport 1024-65535 dnat to " + machine);
        }
        rules.add(
                "add rule ip nat out oifname eth0 masquerade"
                        + (this == SYMMETRIC ? " random,fully-random" : ""));
        return rules.stream().map(rule -> List.of(("nft " + rule).split(" "))).toList();
    }
}
