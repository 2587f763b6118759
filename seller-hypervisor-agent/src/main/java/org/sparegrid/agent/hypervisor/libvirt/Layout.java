// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sparegrid.agent.process.AtomicFile;

/// Where libvirtd and the guests keep their files. Only these folders are visible inside the
/// sandbox, and only [#images] and [#streams] of them are read-only there.
///
/// A start of the computer may clear what lies below [#state] and [#sockets]; the others last.
///
/// @param state libvirtd's own files
/// @param kept what libvirtd keeps of guests: their definitions, and the memory of parked ones
/// @param sockets a folder for each guest, with its sockets
/// @param disks a folder for each guest, with its scratch disk
/// @param images the ISO files
/// @param streams the sockets at which images are served that are still coming
/// @param log what libvirtd says; outside the sandbox
public record Layout(
        Path state, Path kept, Path sockets, Path disks, Path images, Path streams, Path log) {
    /// The longest path of a socket on Linux, in bytes. Source: unix(7), with its final zero.
    private static final int SOCKET_PATH_BYTES_MAX = 107;

    /// The longest path that libvirtd makes below [#state] for a guest's monitor.
    private static final int MONITOR_BYTES =
            "/c/libvirt/qemu/lib/domain-1234567-vm-aaaaaaaaaaaa/monitor.sock".length();

    /// Checks that the paths of sockets fit.
    public Layout {
        if (state.toString().length() + MONITOR_BYTES > SOCKET_PATH_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "folder for libvirt: expected at most "
                            + (SOCKET_PATH_BYTES_MAX - MONITOR_BYTES)
                            + " bytes, got "
                            + state);
        }
    }

    /// Makes the folders, each its owner's alone.
    void create() throws IOException {
        for (Path folder :
                new Path[] {
                    state,
                    kept,
                    sockets,
                    disks,
                    images,
                    streams,
                    runtime(),
                    configuration(),
                    kept.resolve("libvirt"),
                    log.getParent()
                }) {
            if (folder != null) {
                AtomicFile.privateFolder(folder);
            }
        }
    }

    Path runtime() {
        return state.resolve("r");
    }

    /// Where libvirtd sees [#kept], by a path that is short enough for its sockets.
    Path configuration() {
        return state.resolve("c");
    }

    Path daemonSettings() {
        return state.resolve("libvirtd.conf");
    }

    Path emulatorSettings() {
        return kept.resolve("libvirt/qemu.conf");
    }

    ParkedGuest parked(String name) {
        return new ParkedGuest(kept.resolve("libvirt/qemu/save/" + name + ".save"));
    }

    Path pidFile() {
        return state.resolve("libvirtd.pid");
    }

    Path socket() {
        return runtime().resolve("libvirt/libvirt-sock");
    }

    Path emulatorPid(String name) {
        return runtime().resolve("libvirt/qemu/run/" + name + ".pid");
    }

    Path emulatorLog(String name) {
        return state.resolve("k/libvirt/qemu/log/" + name + ".log");
    }

    /// Removes what libvirt leaves behind of a guest besides its definition.
    void deleteLogs(String name) throws IOException {
        Files.deleteIfExists(emulatorLog(name));
        Path channels = kept.resolve("libvirt/qemu/channel/target");
        if (Files.isDirectory(channels)) {
            try (var left = Files.newDirectoryStream(channels, "domain-*-" + name)) {
                for (Path folder : left) {
                    AtomicFile.deleteTree(folder);
                }
            }
        }
    }
}
