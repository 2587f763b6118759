// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparegrid.cli.context.DaemonState;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.protocol.market.Lease;

/// Runs the system's OpenSSH client so that it reaches a machine through a network daemon.
///
/// The user's own ssh settings have no part in it. A machine's host key is learned at the first
/// connection and remembered under the lease's identifier, so that another machine of that name is
/// another host.
public final class Ssh {
    /// What ssh ends with if it could not do its work.
    public static final int NOT_CONNECTED = 255;

    private final NetworkFolder folder;
    private final DaemonState daemon;
    private final Path key;

    public Ssh(NetworkFolder folder, DaemonState daemon, Path key) {
        this.folder = folder;
        this.daemon = daemon;
        this.key = key;
    }

    /// `ssh` to a machine.
    ///
    /// @param options more options, before the host's name
    /// @param command what to run there, or nothing for a shell
    public List<String> ssh(Lease lease, List<String> options, List<String> command) {
        List<String> words = new ArrayList<>(List.of("ssh"));
        words.addAll(settings(lease));
        words.addAll(options);
        words.add("root@" + lease.name() + "." + lease.network() + ".grid.internal");
        if (!command.isEmpty()) {
            words.add("--");
            words.addAll(command);
        }
        return words;
    }

    /// `scp` from or to a machine.
    ///
    /// @param from and `to` are paths, of which those of the machine begin with [#REMOTE]
    public List<String> scp(Lease lease, boolean recursive, String from, String to) {
        List<String> words = new ArrayList<>(List.of("scp"));
        words.addAll(settings(lease));
        words.add("-q");
        if (recursive) {
            words.add("-r");
        }
        words.add("--");
        words.add(from);
        words.add(to);
        return words;
    }

    /// What stands before a path of the machine in [#scp].
    public static final String REMOTE = "root@machine:";

    private List<String> settings(Lease lease) {
        List<String> words = new ArrayList<>(List.of("-F", "none", "-i", key.toString()));
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "IdentitiesOnly=yes",
                                "PreferredAuthentications=publickey",
                                "StrictHostKeyChecking=accept-new",
                                "UserKnownHostsFile=\"" + folder.knownHosts() + "\"",
                                "HostKeyAlias=" + lease.id(),
                                "CheckHostIP=no",
                                "LogLevel=ERROR",
                                "ConnectTimeout=60",
                                "ServerAliveInterval=15",
                                "ServerAliveCountMax=8",
                                "HostName=" + lease.address()));
        proxy(lease).ifPresent(command -> options.add("ProxyCommand=" + command));
        for (String option : options) {
            words.add("-o");
            words.add(option);
        }
        return words;
    }

    private Optional<String> proxy(Lease lease) {
        if (daemon.mode().equals(DaemonState.TAP)) {
            return Optional.empty();
        }
        List<String> command =
                DaemonLauncher.program(
                        false,
                        List.of("net", "connect", folder.network().value(), lease.name(), "22"));
        return Optional.of(
                String.join(" ", command.stream().map(Ssh::quoted).toList()).replace("%", "%%"));
    }

    /// The word so that a shell takes it as it is.
    public static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+")
                ? word
                : "'" + word.replace("'", "'\\''") + "'";
    }

    /// Runs a command on this process's terminal and gives its exit code.
    public static int run(List<String> command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException missing) {
            throw new IOException(
                    command.getFirst() + " can't be run; install the package openssh-client",
                    missing);
        }
        return process.waitFor();
    }
}
