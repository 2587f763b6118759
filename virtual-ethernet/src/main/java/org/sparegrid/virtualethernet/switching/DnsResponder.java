// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.wire.DnsAnswer;
import org.sparegrid.virtualethernet.wire.DnsQuery;

/// Answers for the names and addresses of one network, and refuses all others.
///
/// `NAME.DOMAIN` is a member, `nodes.DOMAIN` all of them in the order of the map.
final class DnsResponder {
    /// The label of the name that lists every member.
    static final String EVERYONE = "nodes";

    private static final String REVERSE = ".in-addr.arpa";

    private final String domain;
    private final Ipv4Subnet subnet;
    private final Map<String, List<Integer>> addresses = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();

    DnsResponder(NetworkMap map) {
        domain = map.domain();
        subnet = map.subnet();
        List<Integer> all =
                map.members().stream().map(member -> Ipv4.bits(member.address())).toList();
        addresses.put(EVERYONE + "." + domain, all);
        addresses.put(domain, List.of());
        for (Member member : map.members()) {
            String name = member.name() + "." + domain;
            addresses.put(name, List.of(Ipv4.bits(member.address())));
            names.put(Ipv4.bits(member.address()), name);
        }
    }

    /// Whether the network itself must know the answer, so that nobody else is asked.
    boolean knows(DnsQuery query) {
        Integer reversed = reversed(query.name());
        return query.operation() != 0
                || query.recordClass() != 1
                || isInDomain(query.name())
                || (reversed != null && subnet.contains(reversed));
    }

    private boolean isInDomain(String name) {
        return name.equals(domain) || name.endsWith("." + domain);
    }

    byte[] answer(DnsQuery query) {
        if (query.operation() != 0) {
            return new DnsAnswer(query, DnsAnswer.NOT_IMPLEMENTED).toBytes();
        }
        if (query.recordClass() != 1) {
            return new DnsAnswer(query, DnsAnswer.REFUSED).toBytes();
        }
        if (isInDomain(query.name())) {
            return forward(query);
        }
        Integer reversed = reversed(query.name());
        if (reversed != null && subnet.contains(reversed)) {
            return reverse(query, reversed);
        }
        return new DnsAnswer(query, DnsAnswer.REFUSED).toBytes();
    }

    private byte[] forward(DnsQuery query) {
        List<Integer> found = addresses.get(query.name());
        if (found == null) {
            return nothing(query, DnsAnswer.NAME_ERROR);
        }
        boolean asked = query.type() == DnsAnswer.A || query.type() == DnsAnswer.ANY;
        if (!asked || found.isEmpty()) {
            return nothing(query, DnsAnswer.NO_ERROR);
        }
        DnsAnswer answer = new DnsAnswer(query, DnsAnswer.NO_ERROR);
        found.forEach(answer::addAddress);
        return answer.toBytes();
    }

    private byte[] reverse(DnsQuery query, int address) {
        String name = names.get(address);
        if (name == null) {
            return nothing(query, DnsAnswer.NAME_ERROR);
        }
        if (query.type() != DnsAnswer.PTR && query.type() != DnsAnswer.ANY) {
            return nothing(query, DnsAnswer.NO_ERROR);
        }
        DnsAnswer answer = new DnsAnswer(query, DnsAnswer.NO_ERROR);
        answer.addName(name);
        return answer.toBytes();
    }

    private byte[] nothing(DnsQuery query, int code) {
        DnsAnswer answer = new DnsAnswer(query, code);
        answer.addAuthority(domain);
        return answer.toBytes();
    }

    /// The address that `4.3.2.1.in-addr.arpa` stands for, or null.
    private static @Nullable Integer reversed(String name) {
        if (!name.endsWith(REVERSE)) {
            return null;
        }
        String[] parts = name.substring(0, name.length() - REVERSE.length()).split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        int address = 0;
        for (int i = 3; i >= 0; i--) {
            if (!parts[i].matches("[0-9]{1,3}") || Integer.parseInt(parts[i]) > 255) {
                return null;
            }
            address = (address << 8) | Integer.parseInt(parts[i]);
        }
        return address;
    }
}
