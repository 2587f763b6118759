// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor;

import java.nio.file.Path;
import java.util.List;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;

/// All that makes a guest what it is.
///
/// @param name its name to libvirt, 1 to 20 of a-z, 0-9 and `-`
/// @param size processors, memory and scratch disk
/// @param acceleration how it runs
/// @param image the disc it boots from; none for a guest that only tests the host
/// @param mac its network card's address, as in `02:00:00:00:00:01`
/// @param mtu the MTU that its card announces, 576 to 9000
/// @param oemStrings SMBIOS texts (type 11) that its system finds at boot
/// @param volumes the volume that it finds as its disk `volume`, if it has one
/// @param card what its network card is
/// @param firmware what starts it
public record VmSpec(
        String name,
        MachineSize size,
        Acceleration acceleration,
        List<Disc> image,
        String mac,
        int mtu,
        List<String> oemStrings,
        List<Volume> volumes,
        GuestCard card,
        BootMode firmware) {
    /// A volume.
    ///
    /// @param file where it lies, encrypted as LUKS says
    /// @param key the passphrase that opens it
    public record Volume(Path file, String key) {
        /// Hides the key.
        @Override
        public String toString() {
            return "Volume[file=" + file + "]";
        }
    }

    /// A guest without a volume, started by a BIOS, whose card is a stream.
    public VmSpec(
            String name,
            MachineSize size,
            Acceleration acceleration,
            List<Disc> image,
            String mac,
            int mtu,
            List<String> oemStrings) {
        this(
                name,
                size,
                acceleration,
                image,
                mac,
                mtu,
                oemStrings,
                List.of(),
                GuestCard.STREAM,
                BootMode.BIOS);
    }

    /// Checks the fields, because they become XML.
    public VmSpec {
        image = List.copyOf(image);
        oemStrings = List.copyOf(oemStrings);
        volumes = List.copyOf(volumes);
        require(name.matches("[a-z][a-z0-9-]{0,19}"), "vm: expected a name of a-z, got " + name);
        require(image.size() <= 1, "vm: expected at most one image");
        require(volumes.size() <= 1, "vm: expected at most one volume");
        require(mac.matches("([0-9a-f]{2}:){5}[0-9a-f]{2}"), "vm: expected a MAC, got " + mac);
        require(mtu >= 576 && mtu <= 9000, "vm: expected an MTU of 576 to 9000, got " + mtu);
        for (String text : oemStrings) {
            // dmidecode and systemd read up to the first zero; a table holds 64 KiB in all.
            require(
                    text.matches("[ -~]{1,60000}"),
                    "vm: expected 1 to 60000 printable characters for SMBIOS");
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
