// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.testsupport;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Hosts of a test in network namespaces of their own, joined by one bridge that stands for the
/// internet. Needs root; closing it removes all of it.
public final class NetworkLab implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String prefix;
    private final List<String> hosts = new ArrayList<>();

    /// Makes the bridge.
    public NetworkLab() throws IOException, InterruptedException {
        this.prefix = "sgt" + ProcessHandle.current().pid() + "x" + COUNT.incrementAndGet();
        Command.run("ip", "netns", "add", prefix + "-net");
        inside("net", "ip", "link", "add", "br0", "type", "bridge");
        inside("net", "ip", "link", "set", "br0", "up");
    }

    /// Adds a host; the first has the address 203.0.113.1, the next .2 and so on.
    ///
    /// @return its address
    public String addHost(String name) throws IOException, InterruptedException {
        hosts.add(name);
        String address = "203.0.113." + hosts.size();
        String namespace = namespace(name);
        Command.run("ip", "netns", "add", namespace);
        inside(name, "ip", "link", "set", "lo", "up");
        inside(
                "net", "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns",
                namespace);
        inside("net", "ip", "link", "set", name, "master", "br0", "up");
        inside(name, "ip", "address", "add", address + "/24", "dev", "eth0");
        inside(name, "ip", "link", "set", "eth0", "up");
        return address;
    }

    /// The namespace of a host, as `ip netns` knows it.
    public String namespace(String host) {
        return prefix + "-" + host;
    }

    /// The words that start a program on a host.
    public List<String> on(String host, List<String> program) {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace(host)));
        words.addAll(program);
        return words;
    }

    private void inside(String host, String... program) throws IOException, InterruptedException {
        Command.run(on(host, List.of(program)).toArray(String[]::new));
    }

    @Override
    public void close() throws IOException {
        hosts.add("net");
        try {
            for (String host : hosts) {
                Command.run("ip", "netns", "delete", namespace(host));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while namespaces were removed", interrupted);
        }
    }
}
