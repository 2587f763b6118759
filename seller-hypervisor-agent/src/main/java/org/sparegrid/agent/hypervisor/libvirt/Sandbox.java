// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The command that starts libvirtd under bubblewrap, and every QEMU with it.
///
/// Inside there is no network but a loopback of its own, no capability, no way to gain one, and of
/// the computer's files only programs, libraries and a few tables, all read-only. Homes, `/run`,
/// `/tmp`, `/var` and their sockets do not exist. Each start gives the same view, because libvirtd
/// kills the guests that it can't find again in another one.
///
/// Source: docs/decisions/0006-confined-libvirtd.md.
record Sandbox(Layout layout, Path bubblewrap, Path libvirtd, boolean kvm) {
    /// What programs need of `/etc`; nothing else of it is visible.
    private static final List<String> TABLES =
            List.of(
                    "/etc/ld.so.cache",
                    "/etc/passwd",
                    "/etc/group",
                    "/etc/nsswitch.conf",
                    "/etc/alternatives");

    /// The whole command line.
    List<String> command() {
        List<String> command = new ArrayList<>();
        // A session of its own: Ctrl-C in the agent's terminal must not reach the guests.
        add(command, "/usr/bin/setsid", bubblewrap.toString());
        add(command, "--unshare-user", "--unshare-net", "--unshare-ipc", "--unshare-uts");
        add(command, "--cap-drop", "ALL", "--new-session", "--hostname", "sparegrid");
        add(command, "--ro-bind", "/usr", "/usr");
        for (String folder : List.of("bin", "sbin", "lib", "lib32", "lib64")) {
            programs(command, Path.of("/", folder));
        }
        for (String table : TABLES) {
            add(command, "--ro-bind-try", table, table);
        }
        add(command, "--ro-bind", "/sys/devices/system", "/sys/devices/system");
        add(command, "--proc", "/proc", "--dev", "/dev");
        if (kvm) {
            add(command, "--dev-bind", "/dev/kvm", "/dev/kvm");
        }
        add(command, "--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/var");
        for (Path writable : List.of(layout.state(), layout.sockets(), layout.disks())) {
            add(command, "--bind", writable.toString(), writable.toString());
        }
        add(command, "--bind", layout.kept().toString(), layout.configuration().toString());
        // A socket can be dialled where nothing can be written.
        for (Path readable : List.of(layout.images(), layout.streams())) {
            add(command, "--ro-bind", readable.toString(), readable.toString());
        }
        add(command, "--chdir", "/", "--");
        add(command, libvirtd.toString(), "-f", layout.daemonSettings().toString());
        add(command, "-p", layout.pidFile().toString());
        return command;
    }

    /// All that the daemon finds in its environment.
    Map<String, String> environment() {
        return Map.of(
                "PATH",
                "/usr/sbin:/usr/bin",
                "LANG",
                "C.UTF-8",
                "HOME",
                layout.state().toString(),
                "XDG_RUNTIME_DIR",
                layout.runtime().toString(),
                "XDG_CONFIG_HOME",
                layout.configuration().toString(),
                "XDG_CACHE_HOME",
                layout.state().resolve("k").toString(),
                "XDG_DATA_HOME",
                layout.state().resolve("d").toString());
    }

    private static void programs(List<String> command, Path folder) {
        if (Files.isSymbolicLink(folder)) {
            add(command, "--symlink", "usr/" + folder.getFileName(), folder.toString());
        } else if (Files.isDirectory(folder)) {
            add(command, "--ro-bind", folder.toString(), folder.toString());
        }
    }

    private static void add(List<String> command, String... words) {
        command.addAll(List.of(words));
    }
}
