// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/// How many bytes a second a guest's disks may move, all in one group of QEMU's throttle.
///
/// Source: virTypedParameter in libvirt-common.h and VIR_DOMAIN_BLOCK_IOTUNE_* in libvirt-domain.h.
final class BlockLimit {
    private static final Pattern DISK =
            Pattern.compile("<target dev='([a-z]+)' bus='(?:scsi|virtio)'");

    private static final int PARAMETER_BYTES = 96;
    private static final int TYPE_AT = 80;
    private static final int VALUE_AT = 88;
    private static final int UNSIGNED_LONG = 4;
    private static final int STRING = 7;

    private BlockLimit() {}

    /// The names of a guest's disks, as libvirt calls them.
    static List<String> disks(String xml) {
        return DISK.matcher(xml).results().map(found -> found.group(1)).toList();
    }

    static void set(
            NativeDomain.Connection connection, String guest, String disk, long bytesPerSecond)
            throws IOException {
        try (Memory parameters = new Memory(2L * PARAMETER_BYTES);
                Memory group = new Memory(guest.length() + 1L)) {
            parameters.clear();
            group.setString(0, guest, StandardCharsets.US_ASCII.name());
            name(parameters, 0, "total_bytes_sec", UNSIGNED_LONG);
            parameters.setLong(VALUE_AT, bytesPerSecond);
            name(parameters, PARAMETER_BYTES, "group_name", STRING);
            parameters.setPointer(PARAMETER_BYTES + VALUE_AT, group);
            // libvirt takes no name for a group without limits.
            int count = bytesPerSecond == 0 ? 1 : 2;
            if (!NativeDomain.blockLimits(connection, guest, disk, parameters, count)) {
                throw new IOException("libvirt refuses a limit for disk " + disk + " of " + guest);
            }
        }
    }

    private static void name(Memory parameters, int at, String name, int type) {
        parameters.setString(at, name, StandardCharsets.US_ASCII.name());
        parameters.setInt(at + TYPE_AT, type);
    }
}
