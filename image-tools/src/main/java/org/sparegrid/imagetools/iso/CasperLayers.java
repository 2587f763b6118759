// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The layers of an Ubuntu image that is built of several: `a.b.squashfs` lies over `a.squashfs`,
/// and one name says which are mounted. The kernel argument `layerfs-path` gives it, else a file in
/// the initrd, which is not read here.
///
/// Source: casper, scripts/casper; livecd-rootfs, whose live sessions' layers end in `.live`.
final class CasperLayers {
    static final String ARGUMENT = "layerfs-path=";
    static final String SUFFIX = ".squashfs";

    private static final String LIVE = ".live";

    private CasperLayers() {}

    /// Whether `candidates` are such layers, and not files that are all mounted.
    static boolean areChained(List<IsoEntry> candidates) {
        return candidates.stream().anyMatch(entry -> name(entry).contains("."));
    }

    /// The name of a layer without its folder and suffix.
    static String name(IsoEntry entry) {
        String file = entry.path().substring(entry.path().lastIndexOf('/') + 1);
        return file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file;
    }

    /// What is mounted, the lowest first; nothing if neither the boot menu nor the only layer of a
    /// live session says it.
    static Optional<List<IsoEntry>> mounted(IsoImage image, List<IsoEntry> candidates)
            throws IOException, IsoFormatException {
        Map<String, IsoEntry> byName = new TreeMap<>();
        candidates.forEach(entry -> byName.put(name(entry), entry));
        Optional<String> named =
                BootEntry.of(image).stream()
                        .flatMap(entry -> entry.arguments().stream())
                        .filter(word -> word.startsWith(ARGUMENT) && word.endsWith(SUFFIX))
                        .map(word ->
                                word.substring(ARGUMENT.length(), word.length() - SUFFIX.length()))
                        .reduce((_, last) -> last);
        if (named.isPresent()) {
            return chain(named.get(), byName);
        }
        List<List<IsoEntry>> live =
                byName.keySet().stream()
                        .filter(name -> name.endsWith(LIVE))
                        .flatMap(name -> chain(name, byName).stream())
                        .toList();
        return live.size() == 1 ? Optional.of(live.getFirst()) : Optional.empty();
    }

    private static Optional<List<IsoEntry>> chain(String top, Map<String, IsoEntry> byName) {
        List<IsoEntry> chain = new ArrayList<>();
        for (int end = top.indexOf('.'); end >= 0; end = top.indexOf('.', end + 1)) {
            chain.add(byName.get(top.substring(0, end)));
        }
        chain.add(byName.get(top));
        return chain.contains(null) ? Optional.empty() : Optional.of(chain);
    }
}
