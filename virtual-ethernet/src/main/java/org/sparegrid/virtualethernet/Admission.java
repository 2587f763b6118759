// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.session.PeerSpec;

/// Whom an attachment's owner lets in, whatever the map says.
sealed interface Admission {
    /// The network without the members that are not let in.
    NetworkMap visible(NetworkMap known, PublicKey self);

    /// The secret shared with a member that is let in.
    PresharedKey presharedKey(PublicKey member, PresharedKey ofAll);

    /// All members but one.
    static Stream<Member> others(NetworkMap known, PublicKey self) {
        return known.members().stream().filter(each -> !each.publicKey().equals(self));
    }

    /// The peers of an attachment: nobody while it is no member itself.
    default List<PeerSpec> peers(NetworkMap visible, AttachmentSpec spec) {
        PublicKey self = spec.keyPair().publicKey();
        return visible.member(self).isEmpty()
                ? List.of()
                : others(visible, self).map(each -> peer(each, spec)).toList();
    }

    private PeerSpec peer(Member member, AttachmentSpec spec) {
        return new PeerSpec(
                member.publicKey(),
                presharedKey(member.publicKey(), spec.presharedKey()),
                spec.persistentKeepalive(),
                member.endpoints());
    }

    /// All members of the map, with one secret.
    record Everybody() implements Admission {
        @Override
        public NetworkMap visible(NetworkMap known, PublicKey self) {
            return known;
        }

        @Override
        public PresharedKey presharedKey(PublicKey member, PresharedKey ofAll) {
            return ofAll;
        }
    }

    /// These members only, each with a secret of its own.
    record Only(Map<PublicKey, PresharedKey> members) implements Admission {
        public Only {
            members = Map.copyOf(members);
        }

        @Override
        public NetworkMap visible(NetworkMap known, PublicKey self) {
            return new NetworkMap(
                    known.version(),
                    known.networkName(),
                    known.vni(),
                    known.subnet(),
                    known.serviceAddress(),
                    known.domain(),
                    known.mtu(),
                    known.members().stream()
                            .filter(each ->
                                    each.publicKey().equals(self)
                                            || members.containsKey(each.publicKey()))
                            .toList(),
                    known.relays());
        }

        @Override
        public PresharedKey presharedKey(PublicKey member, PresharedKey ofAll) {
            PresharedKey own = members.get(member);
            if (own == null) {
                throw new IllegalStateException("admission: expected a member that is let in");
            }
            return own;
        }
    }
}
