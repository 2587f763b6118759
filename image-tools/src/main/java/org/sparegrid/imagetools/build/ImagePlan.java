// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What an image gets that its base has not.
final class ImagePlan {
    private final boolean anew;
    private final Map<String, Path> added = new TreeMap<>();
    private final List<String> removed = new ArrayList<>();

    /// A plan without changes.
    ///
    /// @param anew whether the image is written anew instead of appended to a copy of its base
    ImagePlan(boolean anew) {
        this.anew = anew;
    }

    boolean anew() {
        return anew;
    }

    /// Adds or replaces the file `path` of the image.
    void add(String path, Path file) {
        added.put(path, file);
    }

    void remove(String path) {
        removed.add(path);
    }

    /// Files by their path in the image.
    Map<String, Path> added() {
        return Collections.unmodifiableMap(added);
    }

    List<String> removed() {
        return List.copyOf(removed);
    }
}
