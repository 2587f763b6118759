// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
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
import java.util.TreeSet;
import org.sparegrid.imagetools.iso.IsoFormatException;
import org.sparegrid.imagetools.iso.IsoImage;

/// Writes a changed ISO image: by appending to a copy, so that what the image had stays where it
/// was, or anew, so that what was replaced is gone.
final class IsoWriter {
    private static final Duration TIME_MAX = Duration.ofMinutes(15);
    private static final DateTimeFormatter VOLUME_DATE =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'00'").withZone(ZoneOffset.UTC);

    private final Tool tool;

    IsoWriter(Tool tool) {
        this.tool = tool;
    }

    /// Writes `base` with the changes of `plan` as `target`.
    void write(Path base, IsoImage image, ImagePlan plan, Path target)
            throws IOException, BuildException, IsoFormatException, InterruptedException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            for (Path file : plan.added().values()) {
                Files.setLastModifiedTime(
                        file, FileTime.from(Instant.ofEpochSecond(ImageBuilder.EPOCH_SECONDS)));
            }
            List<String> media;
            if (plan.anew()) {
                Files.deleteIfExists(part);
                media = List.of("-indev", "stdio:" + base, "-outdev", "stdio:" + part);
            } else {
                Files.copy(base, part, StandardCopyOption.REPLACE_EXISTING);
                media = List.of("-dev", "stdio:" + part);
            }
            if (plan.anew() || !plan.added().isEmpty()) {
                List<String> command = command(media, image, plan);
                tool.run("writing " + target, command, TIME_MAX, _ -> {});
            }
            check(image, plan.added(), part);
            Files.move(
                    part,
                    target,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static List<String> command(List<String> media, IsoImage image, ImagePlan plan) {
        String date = VOLUME_DATE.format(Instant.ofEpochSecond(ImageBuilder.EPOCH_SECONDS));
        List<String> command =
                new ArrayList<>(
                        List.of("xorriso", "-abort_on", "FAILURE", "-report_about", "WARNING"));
        command.addAll(media);
        command.addAll(List.of("-boot_image", "any", "replay"));
        command.addAll(List.of("-volume_date", "uuid", date));
        command.addAll(List.of("-boot_image", "any", "gpt_disk_guid=volume_date_uuid"));
        // Without being told, xorriso drops the second tree.
        command.addAll(List.of("-joliet", image.joliet() ? "on" : "off"));
        // Zeros at the end are for drives that read on behind it, and would have to be pushed.
        command.addAll(List.of("-padding", "0"));
        TreeSet<String> touched = new TreeSet<>();
        for (String path : plan.removed()) {
            command.addAll(List.of("-rm", "/" + path, "--"));
            touched.add("/" + path.substring(0, Math.max(0, path.lastIndexOf('/'))));
        }
        plan.added()
                .forEach((path, file) -> {
                    command.addAll(List.of("-map", file.toString(), "/" + path));
                    command.addAll(List.of("-chown", "0", "/" + path, "--"));
                    command.addAll(List.of("-chgrp", "0", "/" + path, "--"));
                    command.addAll(List.of("-chmod", "a=r", "/" + path, "--"));
                    touched.add("/" + path);
                    touched.add("/" + path.substring(0, Math.max(0, path.lastIndexOf('/'))));
                });
        for (String type : List.of("b", "c")) {
            command.addAll(List.of("-alter_date", type, "=" + ImageBuilder.EPOCH_SECONDS));
            command.addAll(touched);
            command.add("--");
        }
        command.add("-commit");
        return command;
    }

    /// xorriso reports some damage with exit code 0 only, so the result is read again.
    private static void check(IsoImage image, Map<String, Path> added, Path part)
            throws IOException, BuildException, IsoFormatException {
        IsoImage written = IsoImage.read(part);
        if (!written.bootModes().equals(image.bootModes())) {
            throw new BuildException(
                    "writing the ISO: expected boot modes "
                            + image.bootModes()
                            + ", got "
                            + written.bootModes());
        }
        for (Map.Entry<String, Path> entry : added.entrySet()) {
            long sizeBytes = written.entry(entry.getKey()).map(e -> e.sizeBytes()).orElse(-1L);
            if (sizeBytes != Files.size(entry.getValue())) {
                throw new BuildException(
                        "writing the ISO: " + entry.getKey() + " is missing or cut off");
            }
        }
    }
}
