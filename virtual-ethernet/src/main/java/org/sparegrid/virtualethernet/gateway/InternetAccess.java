// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.sparegrid.virtualethernet.port.LinkSetup;
import org.sparegrid.virtualethernet.port.PortAddress;
import org.sparegrid.virtualethernet.system.Programs;

/// Lets the machines of a network reach the internet through this computer, in its name.
///
/// What it passes on is for public addresses only: nothing of this computer but its address on the
/// network, nothing of the networks it is connected to, and no private, shared or special range
/// (RFC 6890). Nobody reaches the machines from outside. Taken back by the [UndoLog].
public final class InternetAccess implements LinkSetup {
    private static final List<String> RESERVED =
            List.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "224.0.0.0/3");

    private final UndoLog undo;

    /// Access that is taken back by `undo`.
    public InternetAccess(UndoLog undo) {
        this.undo = undo;
    }

    @Override
    public void configure(String device, PortAddress address) throws IOException {
        undo.undo();
        LinkSetup.ofHost().configure(device, address);
        String out = uplink();
        boolean forwarded = isForwarding(out);
        Set<String> closed = new TreeSet<>(RESERVED);
        closed.addAll(connected());
        if (Files.isExecutable(Path.of("/usr/sbin/nft"))) {
            nft(device, out, address, closed, forwarded);
        } else {
            iptables(device, out, address, closed, forwarded);
        }
        if (!forwarded) {
            undo.note("sysctl", "-qw", forwarding(out) + "=0");
            Programs.run("sysctl", "-qw", forwarding(out) + "=1");
        }
        Programs.run("sysctl", "-qw", forwarding(device) + "=1");
    }

    private static String uplink() throws IOException {
        List<String> words =
                List.of(Programs.run("ip", "-4", "route", "show", "default").split("\\s+", -1));
        int at = words.indexOf("dev");
        if (at < 0 || at + 1 >= words.size()) {
            throw new IOException("this computer has no IPv4 route to the internet");
        }
        return words.get(at + 1);
    }

    private static String forwarding(String device) {
        return "net/ipv4/conf/" + device + "/forwarding";
    }

    private static boolean isForwarding(String device) throws IOException {
        Path file = Path.of("/proc/sys").resolve(forwarding(device));
        return Files.readString(file).strip().equals("1");
    }

    /// The ranges that this computer reaches without a router, whatever addresses they have.
    private static List<String> connected() throws IOException {
        List<String> found = new ArrayList<>();
        for (String line :
                Programs.run("ip", "-4", "route", "show", "scope", "link").lines().toList()) {
            String range = line.strip().split("\\s+", -1)[0];
            if (range.matches("[0-9.]+(/[0-9]+)?")) {
                found.add(range);
            }
        }
        return found;
    }

    private void nft(
            String device, String out, PortAddress address, Set<String> closed, boolean forwarded)
            throws IOException {
        String table = device;
        undo.note("nft", "delete", "table", "ip", table);
        rule("add", "table", "ip", table);
        rule(
                "add",
                "set",
                "ip",
                table,
                "closed",
                "{ type ipv4_addr ; flags interval ; auto-merge ; }");
        rule("add", "element", "ip", table, "closed", "{ " + String.join(", ", closed) + " }");
        rule("add", "chain", "ip", table, "in", "{ type filter hook input priority -5 ; }");
        String own = address.address().getHostAddress();
        String subnet = address.subnet().toString();
        rule(
                "add", "rule", "ip", table, "in", "iifname", device, "ip", "daddr", "!=", own,
                "fib", "daddr", "type", "local", "drop");
        rule("add", "chain", "ip", table, "through", "{ type filter hook forward priority -5 ; }");
        rule(
                "add", "rule", "ip", table, "through", "iifname", device, "ip", "daddr", "@closed",
                "drop");
        rule(
                "add", "rule", "ip", table, "through", "iifname", device, "ip", "saddr", "!=",
                subnet, "drop");
        rule(
                "add", "rule", "ip", table, "through", "iifname", device, "oifname", "!=", out,
                "drop");
        rule(
                "add",
                "rule",
                "ip",
                table,
                "through",
                "oifname",
                device,
                "ct",
                "state",
                "!=",
                "{ established, related }",
                "drop");
        if (!forwarded) {
            rule(
                    "add", "rule", "ip", table, "through", "iifname", out, "oifname", "!=", device,
                    "drop");
        }
        rule("add", "chain", "ip", table, "after", "{ type nat hook postrouting priority 100 ; }");
        rule(
                "add",
                "rule",
                "ip",
                table,
                "after",
                "ip",
                "saddr",
                subnet,
                "oifname",
                out,
                "masquerade");
    }

    private static void rule(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("nft"));
        command.addAll(List.of(words));
        Programs.run(command);
    }

    private void iptables(
            String device, String out, PortAddress address, Set<String> closed, boolean forwarded)
            throws IOException {
        String subnet = address.subnet().toString();
        if (!forwarded) {
            insert("filter", "FORWARD", "-i", out, "!", "-o", device, "-j", "DROP");
        }
        insert("filter", "FORWARD", "-o", device, "-j", "DROP");
        insert(
                "filter",
                "FORWARD",
                "-i",
                out,
                "-o",
                device,
                "-m",
                "conntrack",
                "--ctstate",
                "ESTABLISHED,RELATED",
                "-j",
                "ACCEPT");
        insert("filter", "FORWARD", "-i", device, "-j", "DROP");
        insert("filter", "FORWARD", "-i", device, "-o", out, "-s", subnet, "-j", "ACCEPT");
        for (String range : closed) {
            insert("filter", "FORWARD", "-i", device, "-d", range, "-j", "DROP");
        }
        insert(
                "filter",
                "INPUT",
                "-i",
                device,
                "!",
                "-d",
                address.address().getHostAddress(),
                "-m",
                "addrtype",
                "--dst-type",
                "LOCAL",
                "-j",
                "DROP");
        insert("nat", "POSTROUTING", "-s", subnet, "-o", out, "-j", "MASQUERADE");
    }

    private void insert(String table, String chain, String... rule) throws IOException {
        List<String> delete = new ArrayList<>(List.of("iptables", "-w", "-t", table, "-D", chain));
        delete.addAll(List.of(rule));
        undo.note(delete.toArray(String[]::new));
        List<String> insert = new ArrayList<>(List.of("iptables", "-w", "-t", table, "-I", chain));
        insert.addAll(List.of(rule));
        Programs.run(insert);
    }
}
