// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/// Names the files of layers so that the live system, which stacks them by name, puts them on top.
final class LayerNames {
    private static final int PREFIX_MAX = 16;

    private LayerNames() {}

    /// File names for `layers`, lowest first, that sort behind all of `existing`.
    ///
    /// @throws BuildException if none do
    static List<String> after(Collection<String> existing, List<String> layers, String suffix)
            throws BuildException {
        String prefix = "zz";
        while (!behindAll(prefix + "-", existing)) {
            prefix += "z";
            if (prefix.length() > PREFIX_MAX) {
                throw new BuildException(
                        "the base has a layer whose name sorts behind any other, such as "
                                + Collections.max(existing)
                                + "; build with mode: rebuild");
            }
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            names.add(String.format("%s-%02d-%s%s", prefix, i + 1, layers.get(i), suffix));
        }
        return names;
    }

    private static boolean behindAll(String prefix, Collection<String> existing) {
        return existing.stream().allMatch(name -> name.compareTo(prefix) < 0);
    }
}
