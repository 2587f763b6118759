// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// How layers can be put over the live system of an image.
///
/// Source: docs/guides/images.md, the live systems and their ways.
///
/// @param system as recognised
/// @param roots the squashfs files that make up its root file system, lowest first
/// @param chained whether a kernel argument names the topmost of them, as others are there that are
///   not mounted
/// @param ways each way with whether and why
public record Customisation(
        LiveSystem system, List<IsoEntry> roots, boolean chained, List<Verdict> ways) {
    /// No live system has more; each is opened once.
    private static final int ROOTS_MAX = 64;

    private static final byte[] SQUASHFS_MAGIC = {'h', 's', 'q', 's'};

    public Customisation {
        roots = List.copyOf(roots);
        ways = List.copyOf(ways);
    }

    /// A way to change a live CD.
    public enum Way {
        /// More squashfs files behind what is there; nothing is unpacked into the image again.
        LAYER,
        /// The image becomes a file of another one, byte for byte, and the layers lie beside it.
        PAYLOAD,
        /// The root file system is packed anew with the layers in it.
        REBUILD
    }

    /// Whether an image allows a way, and why.
    public record Verdict(Way way, boolean possible, String why) {}

    /// The verdicts for `image`.
    public static Customisation of(IsoImage image) throws IOException, IsoFormatException {
        LiveSystem system = LiveSystem.of(image);
        List<IsoEntry> candidates = roots(image, system);
        if (candidates.size() > ROOTS_MAX) {
            throw new IsoFormatException(
                    "expected at most "
                            + ROOTS_MAX
                            + " root file systems, got "
                            + candidates.size());
        }
        List<IsoEntry> roots = new ArrayList<>();
        for (IsoEntry root : candidates) {
            if (isSquashfs(image, root)) {
                roots.add(root);
            }
        }
        boolean plain = !roots.isEmpty() && roots.size() == candidates.size();
        if (!plain) {
            String why = unreadable(system, candidates);
            return impossible(system, roots, why);
        }
        boolean chained = system == LiveSystem.CASPER && CasperLayers.areChained(roots);
        if (chained) {
            Optional<List<IsoEntry>> mounted = CasperLayers.mounted(image, roots);
            if (mounted.isEmpty()) {
                return impossible(
                        system,
                        roots,
                        "its initrd names which of its layers are mounted, and its boot menu does not"
                                + " ("
                                + CasperLayers.ARGUMENT
                                + "NAME)");
            }
            roots = mounted.get();
        }
        Verdict rebuild = new Verdict(Way.REBUILD, true, "its root is " + paths(roots));
        return new Customisation(
                system,
                roots,
                chained,
                List.of(layer(system, roots, chained), payload(system, image), rebuild));
    }

    private static Customisation impossible(LiveSystem system, List<IsoEntry> roots, String why) {
        return new Customisation(
                system,
                roots,
                false,
                Arrays.stream(Way.values()).map(way -> new Verdict(way, false, why)).toList());
    }

    /// The names of files, without their folder, that become `layers` over the topmost root of a
    /// chain, lowest first.
    public List<String> chainedNames(int layers) {
        List<String> names = new ArrayList<>();
        String name = CasperLayers.name(roots.getLast());
        for (int i = 1; i <= layers; i++) {
            name += ".sg" + i;
            names.add(name + CasperLayers.SUFFIX);
        }
        return names;
    }

    /// The kernel argument with which `file` is the topmost of the chain that is mounted.
    public static String chainArgument(String file) {
        return CasperLayers.ARGUMENT + file;
    }

    /// The first of `wanted` that is possible.
    public Optional<Way> choose(List<Way> wanted) {
        return wanted.stream()
                .filter(way -> ways.stream().anyMatch(v -> v.way() == way && v.possible()))
                .findFirst();
    }

    private static List<IsoEntry> roots(IsoImage image, LiveSystem system) {
        return image.entries().stream()
                .filter(entry -> entry.kind() == IsoEntry.Kind.FILE)
                .filter(entry -> system.isRoot(entry))
                .sorted(Comparator.comparing(IsoEntry::path))
                .toList();
    }

    private static boolean isSquashfs(IsoImage image, IsoEntry entry)
            throws IOException, IsoFormatException {
        return Arrays.equals(image.head(entry, SQUASHFS_MAGIC.length), SQUASHFS_MAGIC);
    }

    private static String unreadable(LiveSystem system, List<IsoEntry> candidates) {
        if (system == LiveSystem.UNKNOWN) {
            return "no known live system in it";
        }
        if (system == LiveSystem.ALPINE) {
            return "Alpine makes its root from packages (apks) at each boot";
        }
        if (system == LiveSystem.PAYLOAD) {
            return "it carries "
                    + paths(candidates)
                    + " with layers beside it; build from that image instead";
        }
        return candidates.isEmpty()
                ? system.title() + " has no squashfs with its root file system here"
                : paths(candidates) + ": not all of them are squashfs";
    }

    private static String paths(List<IsoEntry> entries) {
        return String.join(", ", entries.stream().limit(3).map(IsoEntry::path).toList());
    }

    private static Verdict layer(LiveSystem system, List<IsoEntry> roots, boolean chained) {
        if (chained) {
            return new Verdict(
                    Way.LAYER,
                    true,
                    system.title()
                            + " mounts the chain of layers that "
                            + CasperLayers.ARGUMENT
                            + " names, here up to "
                            + CasperLayers.name(roots.getLast()));
        }
        return system.layerSuffix().isEmpty()
                ? new Verdict(
                        Way.LAYER, false, system.title() + " mounts one root file system only")
                : new Verdict(
                        Way.LAYER,
                        true,
                        system.title()
                                + " mounts every "
                                + system.layerFolder()
                                + "/*"
                                + system.layerSuffix());
    }

    private static Verdict payload(LiveSystem system, IsoImage image)
            throws IOException, IsoFormatException {
        List<String> arguments = system.fileArguments("FILE", "VOLUME");
        if (arguments.isEmpty()) {
            return new Verdict(
                    Way.PAYLOAD, false, system.title() + " finds no medium inside a file");
        }
        return BootEntry.of(image)
                .map(entry ->
                        new Verdict(
                                Way.PAYLOAD,
                                true,
                                system.title()
                                        + " starts from a file with "
                                        + arguments.getFirst()
                                        + " and /"
                                        + entry.kernel()))
                .orElseGet(() ->
                        new Verdict(
                                Way.PAYLOAD,
                                false,
                                "its boot menu names no kernel and initrd that are in it"));
    }
}
