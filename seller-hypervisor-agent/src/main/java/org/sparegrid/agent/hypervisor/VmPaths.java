// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.nio.file.Path;

/// The files through which this program and one guest's QEMU meet.
///
/// @param network where QEMU listens for the network card's other end
/// @param serial where QEMU listens for the serial console's other end
/// @param scratch the scratch disk, whether or not the guest has one
public record VmPaths(Path network, Path serial, Path scratch) {
    /// Those of the guest whose folder for sockets and folder for disks are given.
    public static VmPaths in(Path sockets, Path disks) {
        return new VmPaths(
                sockets.resolve("n"), sockets.resolve("s"), disks.resolve("scratch.qcow2"));
    }

    /// Where QEMU finds the guest's volume.
    public Path volume() {
        return scratch.resolveSibling("volume.luks");
    }

    /// The pipe from which QEMU reads the volume's key, while it starts.
    public Path volumeKey() {
        return network.resolveSibling("k");
    }
}
