// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;
import org.sparegrid.imagetools.iso.BootEntry;
import org.sparegrid.imagetools.iso.IsoEntry;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.iso.IsoImage;
import org.sparegrid.imagetools.iso.LiveSystem;

/// Writes an image that carries another one as a file, byte for byte, with layers beside it.
///
/// Its GRUB takes kernel and initrd out of that file and hands the kernel one more RAM file system.
/// The live system finds its medium in the file, as it would on a USB stick with many images, and
/// what the RAM file system added puts the layers over the root before the system starts.
///
/// ```text
///  sparegrid/base.iso      the other image
///  sparegrid/initrd.cpio   sparegrid-init, which the kernel runs first, and sparegrid-stack
///  sparegrid/layers/       squashfs files, the lowest first by name
///  boot/grub/              boot loaders for BIOS and UEFI and their menu
/// ```
///
/// Source: docs/decisions/0003-image-layers.md.
final class PayloadWriter {
    static final String VOLUME = "SGPAYLOAD";
    static final String BASE = "sparegrid/base.iso";

    private static final String INITRD = "sparegrid/initrd.cpio";
    private static final String MENU = "boot/grub/grub.cfg";
    private static final String BIOS = "boot/grub/bios.img";
    private static final String UEFI = "boot/grub/efi.img";

    /// What the boot loaders need to read a file of an image in an image and to start Linux.
    private static final List<String> MODULES =
            List.of(
                    "iso9660",
                    "loopback",
                    "search",
                    "search_label",
                    "configfile",
                    "normal",
                    "linux");

    private static final long EFI_BLOCK_BYTES = 64 * 1024;
    private static final Duration TIME_MAX = Duration.ofMinutes(15);
    private static final DateTimeFormatter VOLUME_DATE =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'00'").withZone(ZoneOffset.UTC);

    private final Tool tool;
    private final Path work;

    /// A writer that keeps what it makes on the way in the folder `work`.
    PayloadWriter(Tool tool, Path work) {
        this.tool = tool;
        this.work = work;
    }

    /// Writes the image `base` with `layers`, the lowest first, as `target`.
    ///
    /// @param arguments more of them for the kernel
    void write(
            Path base,
            IsoImage image,
            LiveSystem system,
            List<Path> layers,
            List<String> arguments,
            Path target)
            throws IOException, BuildException, IsoFormatException, InterruptedException {
        for (String program : List.of("grub-mkimage", "mformat", "mmd", "mcopy")) {
            if (!tool.has(program)) {
                throw new BuildException(
                        "mode payload: the program "
                                + program
                                + " is missing; install the packages grub-common, grub-pc-bin,"
                                + " grub-efi-amd64-bin and mtools");
            }
        }
        BootEntry entry =
                BootEntry.of(image)
                        .orElseThrow(() ->
                                new BuildException("mode payload: found no kernel in " + base));
        Map<String, Path> files = new TreeMap<>();
        files.put(BASE, base.toAbsolutePath());
        files.put(INITRD, initrd());
        files.put(MENU, text("grub.cfg", menu(entry, system, arguments)));
        files.put(BIOS, biosLoader());
        files.put(UEFI, uefiLoader());
        for (int i = 0; i < layers.size(); i++) {
            files.put("sparegrid/layers/%02d.squashfs".formatted(i), layers.get(i));
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            Files.deleteIfExists(part);
            tool.run("writing " + target, command(files, part), TIME_MAX, _ -> {});
            check(files, part);
            Files.move(
                    part,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    static String menu(BootEntry entry, LiveSystem system, List<String> arguments) {
        List<String> all = new ArrayList<>();
        // Behind a separator are arguments of the installed system, not of the kernel.
        entry.arguments().stream().takeWhile(word -> !word.matches("--+")).forEach(all::add);
        all.addAll(system.fileArguments("/" + BASE, VOLUME));
        all.add("rdinit=/sparegrid-init");
        all.addAll(arguments);
        StringBuilder initrds = new StringBuilder();
        entry.initrds().forEach(path -> initrds.append(" (base)/").append(path));
        return """
        search --no-floppy --set=root --label %s
        loopback base /%s
        linux (base)/%s %s
        initrd%s /%s
        boot
        """
                .formatted(VOLUME, BASE, entry.kernel(), String.join(" ", all), initrds, INITRD);
    }

    private Path text(String name, String content) throws IOException {
        return Files.writeString(work.resolve(name), content, StandardCharsets.UTF_8);
    }

    private Path initrd() throws IOException {
        Path file = work.resolve("initrd.cpio");
        try (OutputStream out = Files.newOutputStream(file);
                CpioArchiveOutputStream cpio = new CpioArchiveOutputStream(out)) {
            for (String name : List.of("sparegrid-init", "sparegrid-stack")) {
                try (InputStream in =
                        Objects.requireNonNull(
                                PayloadWriter.class.getResourceAsStream(name), name)) {
                    byte[] bytes = in.readAllBytes();
                    CpioArchiveEntry entry =
                            new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name, bytes.length);
                    entry.setMode(CpioConstants.C_ISREG | 0755);
                    entry.setTime(ImageBuilder.EPOCH_SECONDS);
                    cpio.putArchiveEntry(entry);
                    cpio.write(bytes);
                    cpio.closeArchiveEntry();
                }
            }
        }
        return file;
    }

    private Path loader(String format, String... more)
            throws IOException, BuildException, InterruptedException {
        Path start =
                text(
                        "start.cfg",
                        "search --no-floppy --set=root --label "
                                + VOLUME
                                + "\nset prefix=($root)/boot/grub\nconfigfile ($root)/"
                                + MENU
                                + "\n");
        Path file = work.resolve(format);
        List<String> command = new ArrayList<>(List.of("grub-mkimage", "-O", format));
        command.addAll(List.of("-p", "/boot/grub", "-c", start.toString(), "-o", file.toString()));
        command.addAll(MODULES);
        command.addAll(List.of(more));
        tool.run("making the boot loader " + format, command, TIME_MAX, _ -> {});
        return file;
    }

    private Path biosLoader() throws IOException, BuildException, InterruptedException {
        return loader("i386-pc-eltorito", "biosdisk");
    }

    /// A FAT file system with GRUB in it, as firmware looks for one.
    private Path uefiLoader() throws IOException, BuildException, InterruptedException {
        Path loader = loader("x86_64-efi", "part_gpt", "fat");
        Files.setLastModifiedTime(
                loader, FileTime.from(Instant.ofEpochSecond(ImageBuilder.EPOCH_SECONDS)));
        Path image = work.resolve("efi.img");
        long blocks = Files.size(loader) / EFI_BLOCK_BYTES + 2;
        Files.write(image, new byte[Math.toIntExact(blocks * EFI_BLOCK_BYTES)]);
        String to = image.toString();
        List<List<String>> commands =
                List.of(
                        List.of("mformat", "-i", to, "-N", "5eed0004", "-v", "SGEFI", "::"),
                        List.of("mmd", "-i", to, "::/EFI", "::/EFI/BOOT"),
                        List.of(
                                "mcopy",
                                "-m",
                                "-i",
                                to,
                                loader.toString(),
                                "::/EFI/BOOT/BOOTX64.EFI"));
        for (List<String> command : commands) {
            // Folders and the volume's name have the time of their making, which is this one.
            List<String> timed = new ArrayList<>(List.of("env"));
            timed.add("SOURCE_DATE_EPOCH=" + ImageBuilder.EPOCH_SECONDS);
            timed.addAll(command);
            tool.run("making the UEFI boot loader", timed, TIME_MAX, _ -> {});
        }
        return image;
    }

    private static List<String> command(Map<String, Path> files, Path part) {
        String date = VOLUME_DATE.format(Instant.ofEpochSecond(ImageBuilder.EPOCH_SECONDS));
        String epoch = "=" + ImageBuilder.EPOCH_SECONDS;
        List<String> command = new ArrayList<>(List.of("xorriso", "-report_about", "WARNING"));
        command.addAll(List.of("-as", "mkisofs", "-quiet", "-V", VOLUME, "-r"));
        command.addAll(List.of("--modification-date=" + date, "-c", "boot/grub/boot.cat"));
        command.addAll(List.of("-b", BIOS, "-no-emul-boot", "-boot-load-size", "4"));
        command.addAll(List.of("-boot-info-table", "--grub2-boot-info", "-eltorito-alt-boot"));
        command.addAll(List.of("-e", UEFI, "-no-emul-boot", "-isohybrid-gpt-basdat"));
        command.addAll(List.of("-o", part.toString(), "-graft-points"));
        // What is behind the first equals sign is the file, whatever is in its name.
        files.forEach((path, file) -> command.add(path + "=" + file));
        command.add("--");
        for (String type : List.of("b", "c")) {
            command.addAll(List.of("-alter_date_r", type, epoch, "/", "--"));
        }
        return command;
    }

    /// xorriso reports some damage with exit code 0 only, so the result is read again.
    private static void check(Map<String, Path> files, Path part)
            throws IOException, BuildException, IsoFormatException {
        IsoImage written = IsoImage.read(part);
        for (Map.Entry<String, Path> file : files.entrySet()) {
            long sizeBytes = written.entry(file.getKey()).map(IsoEntry::sizeBytes).orElse(-1L);
            if (sizeBytes != Files.size(file.getValue())) {
                throw new BuildException(
                        "writing the ISO: " + file.getKey() + " is missing or cut off");
            }
        }
        if (written.bootModes().size() != 2) {
            throw new BuildException(
                    "writing the ISO: expected boot records for BIOS and UEFI, got "
                            + written.bootModes());
        }
    }
}
