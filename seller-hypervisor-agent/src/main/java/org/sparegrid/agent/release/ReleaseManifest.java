// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What a release consists of; its maker signs these bytes.
///
/// @param schema [#SCHEMA]
/// @param version the release's
/// @param files in the order of the archive
public record ReleaseManifest(String schema, String version, List<Entry> files) {
    /// What the signed bytes say that they are, so that no other signed text is taken for them.
    static final String SCHEMA = "sparegrid-agent.release/1";

    /// Twenty times what the program has.
    static final int FILES_MAX = 1000;

    /// Ten times what the program has.
    static final long BYTES_MAX = 256L << 20;

    private static final Pattern PATH =
            Pattern.compile("[A-Za-z0-9_+][A-Za-z0-9._+-]*(/[A-Za-z0-9_+][A-Za-z0-9._+-]*){0,5}");

    private static final int PATH_BYTES_MAX = 255;

    /// A file.
    ///
    /// @param path below the release's folder; no part of it begins with a dot
    /// @param sha256 64 hexadecimal digits
    /// @param program whether it may be executed
    public record Entry(String path, long bytes, String sha256, boolean program) {
        /// Checks all of it.
        public Entry {
            if (path.length() > PATH_BYTES_MAX || !PATH.matcher(path).matches()) {
                throw new IllegalArgumentException(
                        "release: expected a path below its folder, got "
                                + ReleaseVersion.brief(path));
            }
            if (bytes < 0 || bytes > BYTES_MAX) {
                throw new IllegalArgumentException(
                        "release: expected at most " + BYTES_MAX + " bytes, got " + bytes);
            }
            if (!sha256.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("release: expected a digest of " + path);
            }
        }
    }

    /// Checks all of it, and copies the list.
    public ReleaseManifest {
        files = List.copyOf(files);
        new ReleaseVersion(version);
        if (!schema.equals(SCHEMA)) {
            throw new IllegalArgumentException(
                    "release: expected schema " + SCHEMA + ", got " + ReleaseVersion.brief(schema));
        }
        if (files.size() > FILES_MAX) {
            throw new IllegalArgumentException(
                    "release: expected at most " + FILES_MAX + " files, got " + files.size());
        }
        long bytes = 0;
        Set<String> paths = new HashSet<>();
        for (Entry entry : files) {
            bytes += entry.bytes();
            if (!paths.add(entry.path())) {
                throw new IllegalArgumentException("release: two files are " + entry.path());
            }
        }
        if (bytes > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "release: expected at most " + BYTES_MAX + " bytes in all, got " + bytes);
        }
    }

    /// What its files take on the disk.
    long bytes() {
        return files.stream().mapToLong(Entry::bytes).sum();
    }
}
