// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.nio.file.Path;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.hypervisor.libvirt.Layout;
import org.sparegrid.agent.hypervisor.libvirt.LibvirtHypervisor;
import org.sparegrid.agent.process.Tool;
import org.sparegrid.protocol.market.Acceleration;

/// Finds the programs that run guests.
public final class Hypervisors {
    private Hypervisors() {}

    /// The hypervisor of this computer, not started yet.
    ///
    /// @throws IOException if a program is missing, saying how to install it
    public static Hypervisor find(Folders folders, Acceleration acceleration) throws IOException {
        return new LibvirtHypervisor(
                layout(folders),
                program("bwrap", "bubblewrap"),
                program("libvirtd", "libvirt-daemon"),
                acceleration == Acceleration.KVM);
    }

    /// Where guests' files lie.
    public static Layout layout(Folders folders) {
        return new Layout(
                folders.runtime().resolve("v"),
                folders.guests(),
                folders.runtime().resolve("l"),
                folders.disks(),
                folders.images(),
                folders.streams(),
                folders.libvirtLog());
    }

    private static Path program(String name, String debianPackage) throws IOException {
        return Tool.find(name)
                .orElseThrow(() ->
                        new IOException(
                                name + " is missing; run: sudo apt-get install " + debianPackage));
    }
}
