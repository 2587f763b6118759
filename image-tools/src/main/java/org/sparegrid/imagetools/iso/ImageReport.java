// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a bootable image is, as far as one can tell without booting it.
///
/// @param ways how layers can be put over it
/// @param bootModes not empty
/// @param menuWaits whether a machine stands still at its boot menu until somebody presses a key
/// @param kernels the Linux kernels in it
/// @param partBytes how many bytes each kind of content has; they add up to `sizeBytes`
public record ImageReport(
        long sizeBytes,
        String volumeId,
        LiveSystem liveSystem,
        List<Customisation.Verdict> ways,
        Set<BootMode> bootModes,
        boolean menuWaits,
        boolean rockRidge,
        boolean joliet,
        List<Kernel> kernels,
        Map<Part, Long> partBytes) {
    /// Source: Documentation/arch/x86/boot.rst of the Linux kernel, the real-mode header.
    private static final int KERNEL_MAGIC_OFFSET = 0x202;

    private static final int KERNEL_VERSION_POINTER_OFFSET = 0x20e;
    private static final int KERNEL_HEAD_BYTES = 64 * 1024;
    private static final int KERNEL_VERSION_CHARACTERS_MAX = 200;
    private static final int KERNELS_MAX = 32;

    public ImageReport {
        ways = List.copyOf(ways);
        bootModes = Set.copyOf(bootModes);
        kernels = List.copyOf(kernels);
        partBytes = Map.copyOf(partBytes);
    }

    /// A Linux kernel.
    ///
    /// @param version such as `6.1.0-56-cloud-amd64`, or `unknown`
    public record Kernel(String path, String version) {}

    /// A kind of content.
    public enum Part {
        /// Linux kernels.
        KERNEL,
        /// Initial RAM file systems.
        INITRD,
        /// Root file systems and the layers over them.
        ROOT,
        /// All other files.
        OTHER_FILES,
        /// What belongs to no file: folders, boot records, padding.
        STRUCTURE
    }

    /// Inspects `iso`.
    ///
    /// @throws IsoFormatException if it is cut off, damaged, no ISO image or cannot boot
    public static ImageReport inspect(Path iso) throws IOException, IsoFormatException {
        IsoImage image = IsoImage.read(iso);
        if (image.bootModes().isEmpty()) {
            throw new IsoFormatException(
                    "no boot record for BIOS or UEFI; no machine can start from this image");
        }
        Customisation customisation = Customisation.of(image);
        return new ImageReport(
                image.sizeBytes(),
                image.volumeId(),
                customisation.system(),
                customisation.ways(),
                image.bootModes(),
                BootMenus.wait(image),
                image.rockRidge(),
                image.joliet(),
                kernels(image),
                partBytes(image));
    }

    private static Part part(IsoEntry entry) {
        String name = entry.path().substring(entry.path().lastIndexOf('/') + 1);
        if (name.matches("(?i)(vmlinuz.*|(linux|bzimage)([-.0-9].*)?)") && !name.endsWith(".mod")) {
            return Part.KERNEL;
        } else if (name.matches("(?i)(initrd|initramfs).*")) {
            return Part.INITRD;
        } else if (name.matches("(?i).*\\.(squashfs|sfs|erofs|xzm|sb|srm|img)")
                && !name.equals("efi.img")) {
            return Part.ROOT;
        }
        return Part.OTHER_FILES;
    }

    private static Map<Part, Long> partBytes(IsoImage image) {
        Map<Part, Long> sizes = new EnumMap<>(Part.class);
        long structure = image.sizeBytes();
        for (IsoEntry entry : image.entries()) {
            if (entry.kind() == IsoEntry.Kind.FILE) {
                sizes.merge(part(entry), entry.sizeBytes(), Long::sum);
                structure -= entry.sizeBytes();
            }
        }
        // Two names of one content count twice; the rest must not become negative by that.
        sizes.put(Part.STRUCTURE, Math.max(0, structure));
        return sizes;
    }

    private static List<Kernel> kernels(IsoImage image) throws IOException, IsoFormatException {
        List<Kernel> kernels = new ArrayList<>();
        for (IsoEntry entry : image.entries()) {
            boolean kernel = entry.kind() == IsoEntry.Kind.FILE && part(entry) == Part.KERNEL;
            if (kernel && kernels.size() < KERNELS_MAX) {
                kernels.add(
                        new Kernel(entry.path(), version(image.head(entry, KERNEL_HEAD_BYTES))));
            }
        }
        return kernels;
    }

    static String version(byte[] kernel) {
        ByteBuffer head = ByteBuffer.wrap(kernel).order(ByteOrder.LITTLE_ENDIAN);
        boolean linux =
                kernel.length > KERNEL_VERSION_POINTER_OFFSET + 2
                        && VolumeDescriptors.text(head, KERNEL_MAGIC_OFFSET, 4).equals("HdrS");
        if (!linux) {
            return "unknown";
        }
        int start = 0x200 + (head.getShort(KERNEL_VERSION_POINTER_OFFSET) & 0xffff);
        int end = start;
        while (end < kernel.length
                && end - start < KERNEL_VERSION_CHARACTERS_MAX
                && kernel[end] > ' '
                && kernel[end] < 0x7f) {
            end++;
        }
        return end > start && start < kernel.length
                ? new String(kernel, start, end - start, StandardCharsets.US_ASCII)
                : "unknown";
    }
}
