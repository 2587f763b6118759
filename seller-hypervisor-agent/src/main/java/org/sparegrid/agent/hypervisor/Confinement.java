// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.sparegrid.agent.process.ProcessId;

/// What was found when running processes were checked for their confinement.
///
/// @param findings one for each thing looked at
public record Confinement(List<Finding> findings) {
    /// One thing that was looked at.
    ///
    /// @param holds whether it is as it must be
    /// @param text what was expected of which process, and what was found
    public record Finding(boolean holds, String text) {}

    /// Copies the list.
    public Confinement {
        findings = List.copyOf(findings);
    }

    /// Whether everything is as it must be: only then may a guest run.
    public boolean holds() {
        return !findings.isEmpty() && findings.stream().allMatch(Finding::holds);
    }

    /// Everything that is not as it must be.
    public List<String> faults() {
        return findings.stream().filter(f -> !f.holds()).map(Finding::text).toList();
    }

    /// These findings and those.
    public Confinement and(Confinement other) {
        return new Confinement(Stream.concat(findings.stream(), other.findings.stream()).toList());
    }

    /// Looks at a process in `/proc`.
    ///
    /// @param who what to call it
    /// @param seccomp whether it must have a system call filter of its own
    public static Confinement of(String who, ProcessId process, boolean seccomp)
            throws IOException {
        Path proc = Path.of("/proc/" + process.pid());
        String status = Files.readString(proc.resolve("status"));
        String ownNetwork = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        String network = Files.readSymbolicLink(proc.resolve("ns/net")).toString();
        String ownUsers = Files.readSymbolicLink(Path.of("/proc/self/ns/user")).toString();
        String users = Files.readSymbolicLink(proc.resolve("ns/user")).toString();
        List<String> cards = cards(Files.readString(proc.resolve("net/dev")));
        if (!process.isAlive()) {
            throw new IOException(who + " ended while it was looked at");
        }
        List<Finding> findings = new ArrayList<>(status(who, status, seccomp));
        findings.add(
                new Finding(
                        !network.equals(ownNetwork),
                        who + " has its own network namespace: " + network));
        findings.add(
                new Finding(
                        cards.equals(List.of("lo")),
                        who + " sees the network interface lo only: " + cards));
        findings.add(
                new Finding(
                        !users.equals(ownUsers), who + " has its own user namespace: " + users));
        return new Confinement(findings);
    }

    /// Checks what `/proc/PID/status` says.
    static List<Finding> status(String who, String status, boolean seccomp) {
        String user = field(status, "Uid").split("\\s+", -1)[0];
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding(!user.equals("0"), who + " is not root: user " + user));
        for (String set : List.of("CapEff", "CapPrm", "CapBnd")) {
            String value = field(status, set);
            findings.add(
                    new Finding(
                            value.matches("0+"),
                            who + " has no capabilities: " + set + " " + value));
        }
        String privileges = field(status, "NoNewPrivs");
        findings.add(
                new Finding(
                        privileges.equals("1"),
                        who + " can't gain privileges: NoNewPrivs " + privileges));
        if (seccomp) {
            String filter = field(status, "Seccomp");
            findings.add(
                    new Finding(
                            filter.equals("2"),
                            who + " has a system call filter: Seccomp " + filter));
        }
        return findings;
    }

    /// The interfaces that `/proc/PID/net/dev` lists.
    static List<String> cards(String dev) {
        return dev.lines()
                .filter(line -> line.contains(":"))
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .toList();
    }

    private static String field(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("missing");
    }
}
