// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.testsupport.Command;

/// Homes behind real routers in network namespaces, joined by a core router, which is also the
/// relay's host at [#RELAY]. Needs root; closing it removes all of it.
///
/// Each home has its router one hop from the core, so that a packet with a TTL of 2 leaves the home
/// and reaches nobody.
final class NatLab implements AutoCloseable {
    static final String RELAY = "203.0.113.1";
    static final String RELAY_IPV6 = "2001:db8::1";

    /// The routers' behaviour; mapping and filtering in the words of RFC 4787.
    enum Type {
        /// No router: the machine is on the Internet.
        OPEN("open"),
        /// Keeps ports; endpoint-independent mapping, address-and-port-dependent filtering.
        EIM("eim"),
        /// The same with other ports.
        EIM_NO_PRESERVE("eim-np"),
        /// Lets everybody in at a mapped port.
        CONE("cone"),
        /// Lets addresses in to which it has sent.
        ADDRESS_FILTER("adf"),
        /// Maps each target to another port.
        SYMMETRIC("sym"),
        /// EIM whose router takes early packets for itself.
        INPUT_ACCEPT("input"),
        /// EIM behind another EIM.
        DOUBLE("double"),
        /// Two machines on separate LANs behind one EIM, which sends what is for its own outer
        /// address back in.
        HAIRPIN("hairpin"),
        /// EIM that lets no UDP through.
        NO_UDP("no-udp"),
        /// EIM that lets nothing through but connections to port 443.
        ONLY_443("443"),
        /// No IPv4 at all; a router that lets answers in only.
        IPV6("ipv6");

        final String label;

        Type(String label) {
            this.label = label;
        }
    }

    private final String prefix = "sgn" + ProcessHandle.current().pid();
    private final List<String> namespaces = new ArrayList<>();
    private int homes;
    private int hairpin;

    NatLab() throws IOException, InterruptedException {
        add("core");
        inside("core", "sysctl", "-qw", "net.ipv4.ip_forward=1");
        inside("core", "ip", "address", "add", RELAY + "/32", "dev", "lo");
        inside("core", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
        inside("core", "ip", "address", "add", RELAY_IPV6 + "/128", "dev", "lo");
    }

    /// Adds a home with one machine; returns the name of the machine's namespace.
    String add(Type type) throws IOException, InterruptedException {
        int number = ++homes;
        String machine = "m" + number;
        add(machine);
        if (type == Type.OPEN) {
            link(
                    "core",
                    "c" + number,
                    "11.0." + number + ".1/30",
                    machine,
                    "eth0",
                    "11.0." + number + ".2/30");
            route(machine, "11.0." + number + ".1");
            return namespace(machine);
        }
        if (type == Type.IPV6) {
            return addVersion6(number, machine);
        }
        if (type == Type.HAIRPIN) {
            return addHairpin(number, machine);
        }
        String router = "r" + number;
        add(router);
        String above = "core";
        String aboveAddress = "11.0." + number + ".1";
        String wan = "11.0." + number + ".2";
        if (type == Type.DOUBLE) {
            String provider = "p" + number;
            add(provider);
            link("core", "c" + number, aboveAddress + "/30", provider, "wan", wan + "/30");
            route(provider, aboveAddress);
            translate(provider, Type.EIM, "");
            above = provider;
            aboveAddress = "100.64." + number + ".1";
            wan = "100.64." + number + ".2";
        }
        link(
                above,
                above.equals("core") ? "c" + number : "lan",
                aboveAddress + "/30",
                router,
                "wan",
                wan + "/30");
        route(router, aboveAddress);
        String inner = "192.168." + number + ".";
        link(router, "lan", inner + "1/24", machine, "eth0", inner + "2/24");
        route(machine, inner + "1");
        translate(router, type, inner + "2");
        return namespace(machine);
    }

    /// Each machine has its own outer port, which leads to it from the inside as well.
    private String addHairpin(int number, String machine) throws IOException, InterruptedException {
        boolean first = hairpin == 0;
        hairpin = first ? number : hairpin;
        String router = "r" + hairpin;
        String wan = "11.0." + hairpin + ".2";
        if (first) {
            add(router);
            String above = "11.0." + number + ".1";
            link("core", "c" + number, above + "/30", router, "wan", wan + "/30");
            route(router, above);
            inside(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
            rules(
                    router,
                    List.of(
                            "add table ip nat",
                            "add chain ip nat post { type nat hook postrouting priority 100 ; }",
                            "add chain ip nat pre { type nat hook prerouting priority -100 ; }",
                            "add table ip f",
                            "add chain ip f through { type filter hook forward priority 0 ; policy drop ; }",
                            "add rule ip f through ct state established,related accept",
                            "add rule ip f through ct status dnat iifname lan* accept",
                            "add rule ip f through iifname lan* oifname wan accept",
                            "add chain ip f inp { type filter hook input priority 0 ; policy accept ; }",
                            "add rule ip f inp ct state established,related accept",
                            "add rule ip f inp iifname wan drop"));
        }
        String inner = "192.168." + number + ".";
        String client = inner + "2";
        int port = 42_000 + number;
        link(router, "lan" + number, inner + "1/24", machine, "eth0", inner + "2/24");
        route(machine, inner + "1");
        rules(
                router,
                List.of(
                        "add rule ip nat pre iifname lan* ip daddr "
                                + wan
                                + " udp dport "
                                + port
                                + " dnat to "
                                + client
                                + ":"
                                + VirtualEthernet.Config.DEFAULT_PORT,
                        "add rule ip nat post ip saddr "
                                + client
                                + " udp sport "
                                + VirtualEthernet.Config.DEFAULT_PORT
                                + " snat to "
                                + wan
                                + ":"
                                + port,
                        "add rule ip nat post ip saddr " + client + " snat to " + wan));
        return namespace(machine);
    }

    private String addVersion6(int number, String machine)
            throws IOException, InterruptedException {
        String router = "r" + number;
        add(router);
        String outer = "2001:db8:" + number + "::";
        String inner = "2001:db8:" + number + ":1::";
        link("core", "c" + number, outer + "1/64", router, "wan", outer + "2/64");
        link(router, "lan", inner + "1/64", machine, "eth0", inner + "2/64");
        inside(router, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
        route(router, outer + "1");
        route(machine, inner + "1");
        inside("core", "ip", "route", "add", inner + "/64", "via", outer + "2");
        rules(
                router,
                List.of(
                        "add table ip6 f",
                        "add chain ip6 f through { type filter hook forward priority 0 ; policy drop ; }",
                        "add rule ip6 f through ct state established,related accept",
                        "add rule ip6 f through iifname lan accept"));
        return namespace(machine);
    }

    /// Lets the core drop all UDP between two outer addresses.
    void part(String one, String other) throws IOException, InterruptedException {
        rules(
                "core",
                List.of(
                        "add table ip parted",
                        "add chain ip parted on { type filter hook forward priority 0 ; }",
                        "add rule ip parted on ip saddr " + one + " ip daddr " + other + " drop",
                        "add rule ip parted on ip saddr " + other + " ip daddr " + one + " drop"));
    }

    /// Takes back what [#part] has done.
    void join() throws IOException, InterruptedException {
        rules("core", List.of("delete table ip parted"));
    }

    /// Lets the link between the core and a home carry packets of so many bytes at most.
    void narrow(int home, int mtu) throws IOException, InterruptedException {
        inside("core", "ip", "link", "set", "c" + home, "mtu", "" + mtu);
    }

    /// The same for the link between the router of a home and its machine.
    void narrowInside(int home, int mtu) throws IOException, InterruptedException {
        inside("r" + home, "ip", "link", "set", "lan", "mtu", "" + mtu);
    }

    /// Lets the core, where the relay is, drop what says that a packet was too long, and all pieces
    /// of divided ones.
    void swallowFragmentsAndIcmpAtRelay() throws IOException, InterruptedException {
        rules(
                "core",
                List.of(
                        "add table ip hostile",
                        "add chain ip hostile in { type filter hook prerouting priority -450 ; }",
                        "add rule ip hostile in ip frag-off & 0x3fff != 0 drop",
                        "add rule ip hostile in icmp type destination-unreachable drop"));
    }

    /// Lets the machine of a home drop what says that a packet was too long, and all pieces of
    /// divided ones.
    void swallowFragmentsAndIcmp(int home) throws IOException, InterruptedException {
        String machine = "m" + home;
        rules(
                machine,
                List.of(
                        "add table ip hostile",
                        "add chain ip hostile in { type filter hook prerouting priority -450 ; }",
                        "add rule ip hostile in iifname eth0 ip frag-off & 0x3fff != 0 drop",
                        "add rule ip hostile in iifname eth0 icmp type destination-unreachable drop"));
    }

    /// The namespace in which the relay runs.
    String core() {
        return namespace("core");
    }

    private void link(
            String from,
            String fromName,
            String fromAddress,
            String to,
            String toName,
            String toAddress)
            throws IOException, InterruptedException {
        inside(
                from,
                "ip",
                "link",
                "add",
                fromName,
                "type",
                "veth",
                "peer",
                "name",
                toName,
                "netns",
                namespace(to));
        inside(from, "ip", "address", "add", fromAddress, "dev", fromName);
        inside(from, "ip", "link", "set", fromName, "up");
        inside(to, "ip", "address", "add", toAddress, "dev", toName);
        inside(to, "ip", "link", "set", toName, "up");
    }

    private void route(String host, String by) throws IOException, InterruptedException {
        inside(host, "ip", "route", "add", "default", "via", by);
    }

    /// Makes a router of a namespace with the cards `wan` and `lan`.
    private void translate(String router, Type type, String machine)
            throws IOException, InterruptedException {
        inside(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        List<String> rules = new ArrayList<>();
        rules.add("add table ip nat");
        rules.add("add chain ip nat post { type nat hook postrouting priority 100 ; }");
        rules.add("add chain ip nat pre { type nat hook prerouting priority -100 ; }");
        rules.add("add table ip f");
        rules.add("add chain ip f through { type filter hook forward priority 0 ; policy drop ; }");
        if (type == Type.NO_UDP) {
            rules.add("add rule ip f through meta l4proto udp drop");
        }
        rules.add("add rule ip f through ct state established,related accept");
        rules.add("add rule ip f through ct status dnat accept");
        rules.add(
                "add rule ip f through iifname lan "
                        + (type == Type.ONLY_443 ? "tcp dport 443 accept" : "accept"));
        if (type != Type.INPUT_ACCEPT) {
            rules.add("add chain ip f inp { type filter hook input priority 0 ; policy accept ; }");
            rules.add("add rule ip f inp ct state established,related accept");
            rules.add("add rule ip f inp iifname wan drop");
        }
        if (type == Type.CONE) {
            rules.add("add rule ip nat pre iifname wan udp dport 1024-65535 dnat to " + machine);
        }
        if (type == Type.ADDRESS_FILTER) {
            rules.add(
                    "add set ip nat peers { type inet_service . ipv4_addr ; flags dynamic,timeout ; timeout 2m ; }");
            rules.add("add chain ip nat seen { type filter hook forward priority -1 ; }");
            rules.add(
                    "add rule ip nat seen iifname lan oifname wan meta l4proto udp update @peers { udp sport . ip daddr }");
            rules.add(
                    "add rule ip nat pre iifname wan meta l4proto udp udp dport . ip saddr @peers dnat to "
                            + machine);
        }
        rules.add(
                "add rule ip nat post oifname wan "
                        + switch (type) {
                            case SYMMETRIC -> "masquerade random,fully-random";
                            case EIM_NO_PRESERVE -> "meta l4proto udp masquerade to :20000-30000";
                            case OPEN,
                                    EIM,
                                    CONE,
                                    ADDRESS_FILTER,
                                    INPUT_ACCEPT,
                                    DOUBLE,
                                    HAIRPIN,
                                    NO_UDP,
                                    ONLY_443,
                                    IPV6 ->
                                    "masquerade";
                        });
        if (type == Type.EIM_NO_PRESERVE) {
            rules.add("add rule ip nat post oifname wan masquerade");
        }
        rules(router, rules);
    }

    private void rules(String router, List<String> rules) throws IOException, InterruptedException {
        for (String rule : rules) {
            List<String> words = new ArrayList<>(List.of("nft"));
            words.addAll(List.of(rule.split(" ")));
            inside(router, words.toArray(String[]::new));
        }
    }

    private void add(String host) throws IOException, InterruptedException {
        Command.run("ip", "netns", "add", namespace(host));
        namespaces.add(namespace(host));
        inside(host, "ip", "link", "set", "lo", "up");
    }

    private String namespace(String host) {
        return prefix + "-" + host;
    }

    private void inside(String host, String... program) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace(host)));
        words.addAll(List.of(program));
        Command.run(words.toArray(String[]::new));
    }

    @Override
    public void close() throws IOException {
        try {
            for (String namespace : namespaces) {
                Command.run("ip", "netns", "delete", namespace);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while namespaces were removed", interrupted);
        }
    }
}
