// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.AttachmentSpec;
import org.sparegrid.virtualethernet.Maps;
import org.sparegrid.virtualethernet.VirtualEthernet;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PrivateKey;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.port.LinkSetup;
import org.sparegrid.virtualethernet.port.TapPort;
import org.sparegrid.virtualethernet.system.Programs;

/// A member of a network in a namespace of [GatewayIT], until its standard input ends.
final class GatewayNode {
    private GatewayNode() {}

    /// Takes its number, its private key, its UDP port, `machine`, `plain`, `nat` or the card to
    /// bridge, `leases` or `-`, the file of changes, the secret of all members, and each member's
    /// public key and address, of which every one but that of number 2 is the owner's.
    public static void main(String[] arguments) throws Exception {
        int number = Integer.parseInt(arguments[0]);
        KeyPair keys = KeyPair.of(PrivateKey.of(Base64.getDecoder().decode(arguments[1])));
        List<Member> members = new ArrayList<>();
        for (int i = 7; i < arguments.length; i += 2) {
            int n = (i - 5) / 2;
            Member member =
                    Maps.node(
                            n,
                            PublicKey.parse(arguments[i]),
                            new InetSocketAddress(
                                    InetAddress.ofLiteral(arguments[i + 1]), 41_000 + n));
            members.add(n == 2 ? member : Maps.bridge(member));
        }
        UndoLog undo = new UndoLog(Path.of(arguments[5]));
        LinkSetup setup =
                switch (arguments[3]) {
                    case "machine" -> bare();
                    case "plain" -> LinkSetup.ofHost();
                    case "nat" -> new InternetAccess(undo);
                    default -> new LanBridge(arguments[3], undo);
                };
        GatewayOffer offer =
                new GatewayOffer(
                        setup instanceof LanBridge,
                        arguments[4].equals("leases"),
                        setup instanceof InternetAccess,
                        false);
        AttachmentSpec.Role role =
                number == 2 ? AttachmentSpec.Role.MACHINE : AttachmentSpec.Role.HOST;
        AttachmentSpec spec =
                new AttachmentSpec(
                        keys,
                        role,
                        PresharedKey.of(Base64.getDecoder().decode(arguments[6])),
                        java.time.Duration.ofSeconds(5),
                        offer);
        try (VirtualEthernet ethernet =
                        VirtualEthernet.open(
                                new VirtualEthernet.Config(Integer.parseInt(arguments[2])));
                Attachment attachment =
                        ethernet.attach(spec, new TapPort("sgtap" + number, true, setup))) {
            attachment.update(Maps.map(1, members.toArray(Member[]::new)));
            System.out.println("ready");
            while (System.in.read() >= 0) {
                System.out.println(attachment.bridgeState());
            }
        } finally {
            undo.undo();
        }
    }

    /// What a guest's card is like: it has an Ethernet address and asks for the rest.
    private static LinkSetup bare() {
        return (device, address) -> {
            Programs.run("ip", "link", "set", "dev", device, "address", address.mac().toString());
            Programs.run("ip", "link", "set", "dev", device, "up");
        };
    }
}
