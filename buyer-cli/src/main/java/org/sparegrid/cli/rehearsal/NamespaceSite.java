// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.sparegrid.virtualethernet.port.TapPort;

/// Each party has a network namespace of its own, and sellers a router too; a bridge in one more is
/// the internet. Needs root, and the programs `ip` and `nft`.
public final class NamespaceSite implements Site {
    private static final String INTERNET = "net";
    private static final int COMMAND_SECONDS_MAX = 20;

    private final String tag;
    private final Nat nat;
    private final Duration roundTrip;
    private final double loss;
    private final Deque<String> namespaces = new ArrayDeque<>();
    private final List<SlowLink> links = new ArrayList<>();
    private boolean closed;

    /// A site that is not yet there.
    ///
    /// @param tag begins the names of what it makes; at most 8 letters and digits
    /// @param roundTrip how long a packet takes from one seller to another and back
    /// @param loss the chance, 0 to 1, that it is lost on one way
    public NamespaceSite(String tag, Nat nat, Duration roundTrip, double loss) {
        this.tag = tag;
        this.nat = nat;
        this.roundTrip = roundTrip;
        this.loss = loss;
    }

    @Override
    public void open(int sellers) throws IOException, InterruptedException {
        add(INTERNET);
        in(INTERNET, "ip", "link", "add", "br0", "type", "bridge");
        in(INTERNET, "ip", "link", "set", "br0", "up");
        add(COORDINATOR);
        join(COORDINATOR, coordinatorAddress());
        add(BUYER);
        join(BUYER, "203.0.113.30");
        for (int i = 1; i <= sellers; i++) {
            seller(i);
        }
    }

    @Override
    public String coordinatorAddress() {
        return "203.0.113.10";
    }

    @Override
    public boolean separate() {
        return true;
    }

    @Override
    public List<String> inside(String party) {
        return List.of("ip", "netns", "exec", namespace(party));
    }

    private void seller(int number) throws IOException, InterruptedException {
        String seller = Site.seller(number);
        String outside = "203.0.113." + (100 + number);
        add(seller);
        String first = seller;
        if (nat != Nat.NONE) {
            first = "router" + number;
            add(first);
            String cable = tag + "l" + number;
            run("ip", "link", "add", cable, "type", "veth", "peer", "name", cable + "x");
            run("ip", "link", "set", cable, "netns", namespace(first), "name", "lan");
            run("ip", "link", "set", cable + "x", "netns", namespace(seller), "name", "eth0");
            String subnet = "10.91." + number + ".";
            in(first, "ip", "address", "add", subnet + "1/24", "dev", "lan");
            in(first, "ip", "link", "set", "lan", "up");
            in(seller, "ip", "address", "add", subnet + "2/24", "dev", "eth0");
            in(seller, "ip", "link", "set", "eth0", "up");
            in(seller, "ip", "route", "add", "default", "via", subnet + "1");
            in(first, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
            for (List<String> rule : nat.rules(subnet + "2")) {
                in(first, rule.toArray(String[]::new));
            }
        }
        if (roundTrip.isZero() && loss == 0) {
            join(first, outside);
        } else {
            joinSlowly(first, outside, number);
        }
    }

    private void join(String party, String address) throws IOException, InterruptedException {
        String cable = tag + "c" + namespaces.size();
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", cable + "x");
        run("ip", "link", "set", cable, "netns", namespace(INTERNET));
        run("ip", "link", "set", cable + "x", "netns", namespace(party), "name", "eth0");
        plugIn(cable, party, address);
    }

    private void joinSlowly(String party, String address, int number)
            throws IOException, InterruptedException {
        String cable = tag + "d" + number;
        SlowLink link =
                new SlowLink(
                        new TapPort(cable + "x", false),
                        new TapPort(cable, false),
                        roundTrip.dividedBy(2),
                        loss,
                        RandomGenerator.getDefault());
        links.add(link);
        link.start();
        run("ip", "link", "set", cable, "netns", namespace(INTERNET));
        run("ip", "link", "set", cable + "x", "netns", namespace(party), "name", "eth0");
        plugIn(cable, party, address);
    }

    private void plugIn(String cable, String party, String address)
            throws IOException, InterruptedException {
        in(INTERNET, "ip", "link", "set", cable, "master", "br0", "up");
        in(party, "ip", "address", "add", address + "/24", "dev", "eth0");
        in(party, "ip", "link", "set", "eth0", "up");
    }

    private synchronized void add(String party) throws IOException, InterruptedException {
        if (closed) {
            throw new IOException("the rehearsal is ending");
        }
        run("ip", "netns", "add", namespace(party));
        namespaces.push(namespace(party));
        in(party, "ip", "link", "set", "lo", "up");
    }

    private String namespace(String party) {
        return tag + "-" + party;
    }

    private void in(String party, String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(inside(party));
        words.addAll(List.of(command));
        run(words.toArray(String[]::new));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said =
                new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8)
                        .strip();
        if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + ": took too long");
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        links.forEach(SlowLink::close);
        links.clear();
        try {
            while (!namespaces.isEmpty()) {
                run("ip", "netns", "delete", namespaces.pop());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted; left over: " + namespaces, interrupted);
        }
    }
}
