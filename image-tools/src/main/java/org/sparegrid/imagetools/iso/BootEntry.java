// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How an image starts its live system: the first entry of its boot menu that has a kernel and a
/// RAM file system.
///
/// @param kernel its path in the image, without a slash before it
/// @param initrds paths, in the order in which they are loaded
/// @param arguments what the kernel is told
public record BootEntry(String kernel, List<String> initrds, List<String> arguments) {
    /// Where isolinux, syslinux and GRUB keep their settings on a medium.
    private static final Pattern SETTINGS =
            Pattern.compile(
                    "((boot/)?(isolinux|syslinux|grub|grub2)|EFI/(BOOT|debian))/[^/]*\\.cfg");

    /// What needs no quotes in any boot loader; of the rest, a live system uses none.
    private static final Pattern PLAIN = Pattern.compile("[-A-Za-z0-9_.,:=/@%+~\\\\]{1,300}");

    private static final int ARGUMENTS_MAX = 64;

    public BootEntry {
        initrds = List.copyOf(initrds);
        arguments = List.copyOf(arguments);
    }

    /// Whether a boot loader reads its settings from the file `path` of an image.
    static boolean isSettings(String path) {
        return SETTINGS.matcher(path).matches();
    }

    /// The files from which boot loaders read their settings, path to text.
    ///
    /// @throws IsoFormatException if one is above 1 MiB
    public static Map<String, String> settings(IsoImage image)
            throws IOException, IsoFormatException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (IsoEntry file : image.entries()) {
            if (file.kind() == IsoEntry.Kind.FILE && isSettings(file.path())) {
                texts.put(file.path(), image.text(file));
            }
        }
        return texts;
    }

    /// The entry of `image`, or nothing if its settings are none that we know.
    public static Optional<BootEntry> of(IsoImage image) throws IOException, IsoFormatException {
        for (Map.Entry<String, String> file : settings(image).entrySet()) {
            Optional<BootEntry> entry = new Reader(image, file.getKey()).read(file.getValue());
            if (entry.isPresent()) {
                return entry;
            }
        }
        return Optional.empty();
    }

    /// Reads one file of settings. Whatever begins an entry forgets the one before.
    private static final class Reader {
        private final IsoImage image;
        private final String folder;
        private @Nullable String kernel;
        private final List<String> initrds = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private boolean usable = true;

        Reader(IsoImage image, String path) {
            this.image = image;
            this.folder = path.substring(0, path.lastIndexOf('/') + 1);
        }

        Optional<BootEntry> read(String settings) {
            for (String line : settings.lines().toList()) {
                String[] words = line.strip().split("\\s+");
                String key = words[0].toLowerCase(Locale.ROOT);
                boolean starts = key.equals("label") || key.equals("menuentry");
                if (starts && isComplete()) {
                    break;
                }
                take(key, List.of(words).subList(1, words.length), starts);
            }
            return isComplete()
                    ? Optional.of(new BootEntry(String.valueOf(kernel), initrds, arguments))
                    : Optional.empty();
        }

        private boolean isComplete() {
            return usable && kernel != null && !initrds.isEmpty();
        }

        private void take(String key, List<String> words, boolean starts) {
            if (starts) {
                kernel = null;
                initrds.clear();
                arguments.clear();
                usable = true;
                return;
            }
            switch (key) {
                case "kernel", "linux", "linuxefi", "linux16" -> {
                    if (!words.isEmpty()) {
                        kernel = inImage(words.getFirst());
                        words.subList(1, words.size()).forEach(this::argument);
                    }
                }
                case "initrd", "initrdefi", "initrd16" -> words.forEach(this::initrd);
                case "append" -> words.forEach(this::argument);
                default -> {}
            }
        }

        private void argument(String word) {
            if (word.startsWith("initrd=")) {
                initrd(word.substring("initrd=".length()));
            } else if (!word.contains("$")) {
                // A variable of the menu is empty unless the menu is booted in some other way.
                arguments.add(word);
                usable &= PLAIN.matcher(word).matches() && arguments.size() <= ARGUMENTS_MAX;
            }
        }

        private void initrd(String words) {
            for (String word : words.split(",", -1)) {
                String path = inImage(word);
                usable &= path != null;
                if (path != null) {
                    initrds.add(path);
                }
            }
        }

        /// The path of a file that is there, from one which may begin at the folder of the
        /// settings.
        private @Nullable String inImage(String word) {
            String path = word.startsWith("/") ? word.replaceFirst("^/+", "") : folder + word;
            return PLAIN.matcher(path).matches() && image.entry(path).isPresent() ? path : null;
        }
    }
}
