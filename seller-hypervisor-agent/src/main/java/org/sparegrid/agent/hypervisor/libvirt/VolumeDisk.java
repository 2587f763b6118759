// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.sparegrid.agent.hypervisor.DomainXml;
import org.sparegrid.agent.hypervisor.VmPaths;
import org.sparegrid.agent.hypervisor.VmSpec;

/// A guest's volume: QEMU decrypts it with a key that it reads from a pipe, so that the key is in
/// no file, no command line and no definition.
///
/// The file is linked into the guest's folder for as long as the guest is there. So QEMU sees this
/// volume and no other, and its removal leaves the volume where it was.
final class VolumeDisk {
    /// Where QEMU's throttle finds the disk. Source: QEMU's QAPI, `block_set_io_throttle`.
    private static final String THROTTLED =
            "/machine/peripheral/" + DomainXml.VOLUME + "/virtio-backend";

    private VolumeDisk() {}

    /// Does `start`, which starts the QEMU of `spec`, with its volume at hand.
    static void with(VmSpec spec, VmPaths paths, StateStream.Step start) throws IOException {
        if (spec.volumes().isEmpty()) {
            start.run();
            return;
        }
        VmSpec.Volume volume = spec.volumes().getFirst();
        Files.deleteIfExists(paths.volume());
        Files.createLink(paths.volume(), volume.file());
        StateStream.send(
                paths.volumeKey(),
                volume.key().getBytes(StandardCharsets.US_ASCII),
                InputStream.nullInputStream(),
                start);
    }

    /// Limits the volume together with the guest's other disks, if it has one.
    static void limit(Domain domain, String xml, String guest, long bytesPerSecond)
            throws LibvirtException, IOException {
        if (!xml.contains("id=" + DomainXml.VOLUME + ",")) {
            return;
        }
        String answer =
                domain.qemuMonitorCommand(
                        """
                        {"execute":"block_set_io_throttle","arguments":{"id":"%s","group":"%s",\
                        "bps":%d,"bps_rd":0,"bps_wr":0,"iops":0,"iops_rd":0,"iops_wr":0}}\
                        """
                                .formatted(THROTTLED, guest, bytesPerSecond),
                        0);
        if (answer.contains("\"error\"")) {
            throw new IOException("QEMU refuses a limit for the volume: " + answer.strip());
        }
    }
}
