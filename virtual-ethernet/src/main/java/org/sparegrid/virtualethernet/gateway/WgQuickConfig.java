// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.Member;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;

/// How a Linux computer without our software joins a network: a file for `wg-quick`, which lays the
/// kernel's VXLAN over WireGuard, and a shell script that brings a running one up to date.
///
/// Every MAC address of a member is bound to its tunnel, and WireGuard binds the tunnel to its key.
/// Source: wg-quick(8), ip-link(8), bridge(8); docs/protocol/overlay.md, sections 1 and 2.
///
/// @param keys keys of the computer
/// @param map the network, of which the computer is a member
/// @param port UDP port that it listens at
/// @param bridge the bridge of its LAN to put the network into, or empty
/// @param note what the first line says behind the number sign
/// @param secrets what it shares with members that have more than its public key
public record WgQuickConfig(
        KeyPair keys,
        NetworkMap map,
        int port,
        String bridge,
        String note,
        Map<PublicKey, PresharedKey> secrets) {
    /// The longest name of the WireGuard device, whose VXLAN device has three characters more.
    public static final int DEVICE_LENGTH_MAX = 12;

    private static final String EVERYBODY = "00:00:00:00:00:00";

    /// WireGuard and its IPv6 envelope take 80 of 1500 bytes.
    private static final int WIREGUARD_MTU = 1420;

    /// VXLAN and what it needs take 50 of those.
    private static final int VXLAN_BYTES = 50;

    private static final int KEEPALIVE_SECONDS = 25;

    /// Checks that the computer is a member, and the names.
    public WgQuickConfig {
        secrets = Map.copyOf(secrets);
        if (map.member(keys.publicKey()).isEmpty()) {
            throw new IllegalArgumentException("wg-quick: the key is of no member");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("wg-quick: expected a port, got " + port);
        }
        if (!bridge.matches("[A-Za-z0-9_.-]{0,15}") || note.lines().count() > 1) {
            throw new IllegalArgumentException("wg-quick: expected a bridge's name, got " + bridge);
        }
    }

    /// A file without preshared keys.
    public WgQuickConfig(KeyPair keys, NetworkMap map, int port, String bridge, String note) {
        this(keys, map, port, bridge, note, Map.of());
    }

    /// The file. It holds the private key.
    public String toText() {
        List<String> lines = new ArrayList<>();
        lines.add("# " + note);
        lines.add("[Interface]");
        lines.add("PrivateKey = " + base64(keys.privateKey().bytes()));
        lines.add("Address = " + self().vtep().getHostAddress() + "/16");
        lines.add("ListenPort = " + port);
        lines.add("MTU = " + WIREGUARD_MTU);
        String device = "vx-%i";
        lines.add(
                "PostUp = ip link add "
                        + device
                        + " type vxlan id "
                        + map.vni()
                        + " local "
                        + self().vtep().getHostAddress()
                        + " dev %i dstport 4789 nolearning ttl 64");
        lines.add("PostUp = ip link set " + device + " address " + self().mac() + " mtu " + mtu());
        for (Member peer : peers()) {
            lines.add("PostUp = bridge fdb append " + entry(EVERYBODY, device, peer));
            lines.add("PostUp = bridge fdb replace " + entry(peer.mac().toString(), device, peer));
        }
        String place = bridge.isEmpty() ? device : bridge;
        if (!bridge.isEmpty()) {
            lines.add("PostUp = ip link set " + device + " master " + bridge);
        }
        lines.add("PostUp = ip link set " + device + " up");
        lines.add("PostUp = ip addr replace " + address() + " dev " + place);
        lines.add("PreDown = ip addr del " + address() + " dev " + place);
        lines.add("PreDown = ip link del " + device);
        for (Member peer : peers()) {
            lines.add("");
            lines.add("# " + peer.name());
            lines.add("[Peer]");
            lines.add("PublicKey = " + peer.publicKey());
            secret(peer).ifPresent(secret -> lines.add("PresharedKey = " + secret));
            lines.add("AllowedIPs = " + peer.vtep().getHostAddress() + "/32");
            peer.endpoints().stream()
                    .findFirst()
                    .ifPresent(at -> lines.add("Endpoint = " + text(at)));
            lines.add("PersistentKeepalive = " + KEEPALIVE_SECONDS);
        }
        return String.join("\n", lines) + "\n";
    }

    /// A script for `sh` that makes the running device `name` as the file says now; to run it twice
    /// changes nothing. It holds the preshared keys, so it must be no argument of a program.
    public String toSyncScript(String name) {
        checkDevice(name);
        String device = "vx-" + name;
        List<String> lines = new ArrayList<>(List.of("set -e", "known='"));
        peers().forEach(peer -> lines.add(peer.publicKey().toString()));
        lines.add("'");
        lines.add("wg show " + name + " peers | while read -r key; do");
        lines.add(
                "  case \"$known\" in *\"$key\"*) ;; *) wg set "
                        + name
                        + " peer \"$key\" remove ;; esac");
        lines.add("done");
        lines.add("known='");
        peers().forEach(peer -> lines.add(peer.mac() + " " + peer.vtep().getHostAddress() + " "));
        peers().forEach(peer -> lines.add(EVERYBODY + " " + peer.vtep().getHostAddress() + " "));
        lines.add("'");
        lines.add("bridge fdb show dev " + device + " | while read -r mac w1 w2 w3 w4; do");
        lines.add("  case \"$w1\" in dst) to=$w2 ;; *) continue ;; esac");
        lines.add("  case \"$known\" in *\"$mac $to \"*) ;;");
        lines.add("    *) bridge fdb del \"$mac\" dev " + device + " dst \"$to\" ;; esac");
        lines.add("done");
        for (Member peer : peers()) {
            lines.add(
                    "wg set "
                            + name
                            + " peer "
                            + peer.publicKey()
                            + " allowed-ips "
                            + peer.vtep().getHostAddress()
                            + "/32 persistent-keepalive "
                            + KEEPALIVE_SECONDS
                            + presharedKey(peer));
            peer.endpoints().stream()
                    .findFirst()
                    .ifPresent(at -> lines.add(firstEndpoint(name, peer, at)));
            lines.add("bridge fdb replace " + entry(peer.mac().toString(), device, peer));
            lines.add(
                    "bridge fdb append " + entry(EVERYBODY, device, peer) + " 2>/dev/null || true");
        }
        return String.join("\n", lines) + "\n";
    }

    /// Refuses names that are none, or too long for the VXLAN device.
    public static void checkDevice(String name) {
        if (!name.matches("[A-Za-z0-9_=+.-]{1," + DEVICE_LENGTH_MAX + "}")) {
            throw new IllegalArgumentException(
                    "wg-quick: expected a device of 1 to 12 letters and digits, got " + name);
        }
    }

    /// Only if no handshake has told WireGuard better.
    private static String firstEndpoint(String name, Member peer, InetSocketAddress at) {
        String key = peer.publicKey().toString();
        return "wg show "
                + name
                + " latest-handshakes | grep -F '"
                + key
                + "' | grep -qv '\t0$' || wg set "
                + name
                + " peer "
                + key
                + " endpoint "
                + text(at);
    }

    /// A file that is empty takes a preshared key back.
    private String presharedKey(Member peer) {
        return secret(peer)
                .map(secret -> " preshared-key /dev/stdin <<.\n" + secret + "\n.")
                .orElse(" preshared-key /dev/null");
    }

    private Optional<String> secret(Member peer) {
        return Optional.ofNullable(secrets.get(peer.publicKey()))
                .map(secret -> base64(secret.bytes()));
    }

    private static String entry(String mac, String device, Member peer) {
        return mac + " dev " + device + " dst " + peer.vtep().getHostAddress();
    }

    private Member self() {
        return map.member(keys.publicKey()).orElseThrow();
    }

    private List<Member> peers() {
        return map.members().stream().filter(m -> !m.publicKey().equals(keys.publicKey())).toList();
    }

    private int mtu() {
        return Math.min(map.mtu(), WIREGUARD_MTU - VXLAN_BYTES);
    }

    private String address() {
        return self().address().getHostAddress() + "/" + map.subnet().prefixLength();
    }

    private static String text(InetSocketAddress endpoint) {
        String address = endpoint.getAddress().getHostAddress();
        return (endpoint.getAddress() instanceof Inet6Address ? "[" + address + "]" : address)
                + ":"
                + endpoint.getPort();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// The text without any secret.
    @Override
    public String toString() {
        return "WgQuickConfig[" + keys.publicKey() + " on " + map.networkName() + "]";
    }
}
