// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Names the files of layers so that live-boot, which stacks them by name, puts them on top.
final class LayerNames {
    private LayerNames() {}

    /// File names for `layers`, lowest first, that sort behind all of `existing`.
    static List<String> after(Collection<String> existing, List<String> layers) {
        String prefix = "zz";
        while (!behindAll(prefix + "-", existing)) {
            prefix += "z";
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            names.add(String.format("%s-%02d-%s.squashfs", prefix, i + 1, layers.get(i)));
        }
        return names;
    }

    private static boolean behindAll(String prefix, Collection<String> existing) {
        return existing.stream().allMatch(name -> name.compareTo(prefix) < 0);
    }
}
