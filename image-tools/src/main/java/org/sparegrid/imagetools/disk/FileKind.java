// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// What kind of image a file is, by its content and never by its name.
public enum FileKind {
    /// ISO 9660.
    ISO,
    /// A disk, byte for byte.
    RAW_DISK,
    /// A disk in QEMU's own form.
    QCOW2;

    private static final int ISO_OFFSET = 16 * 2048;
    private static final int BOOT_RECORD_OFFSET = 510;

    /// What files of other hypervisors begin with: VMware, Hyper-V and VirtualBox.
    private static final List<String> OTHERS =
            List.of(
                    "KDMV",
                    "# Disk DescriptorFile",
                    "vhdxfile",
                    "conectix",
                    "<<< Oracle VM VirtualBox Disk Image >>>");

    /// Looks into `file`.
    ///
    /// @throws DiskFormatException if it is none of these, with what to do
    public static FileKind of(Path file) throws IOException, DiskFormatException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            byte[] first = new byte[512];
            int length = Math.max(0, in.read(first));
            String text = new String(first, 0, length, StandardCharsets.ISO_8859_1);
            if (text.startsWith("QFI\u00fb")) {
                return QCOW2;
            }
            for (String other : OTHERS) {
                if (text.startsWith(other)) {
                    throw new DiskFormatException(
                            file
                                    + ": a disk in a form of another hypervisor; qemu-img convert"
                                    + " -O qcow2 makes one that is taken");
                }
            }
            boolean bootRecord =
                    length == 512
                            && (first[BOOT_RECORD_OFFSET] & 0xff) == 0x55
                            && (first[BOOT_RECORD_OFFSET + 1] & 0xff) == 0xaa;
            byte[] descriptor = new byte[6];
            in.seek(ISO_OFFSET);
            boolean iso =
                    in.read(descriptor) == descriptor.length
                            && new String(descriptor, 1, 5, StandardCharsets.ISO_8859_1)
                                    .equals("CD001");
            // An ISO can have a boot record, too; what is neither is an ISO that is damaged.
            return iso || !bootRecord ? ISO : RAW_DISK;
        }
    }
}
