// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.limit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Where a process's control groups are in the file system.
///
/// Source: cgroups(7), proc_pid_cgroup(5), proc_pid_mountinfo(5).
final class Mounts {
    /// Longer lists of mounts than any computer has; the rest is not looked at.
    private static final int LINES_MAX = 10_000;

    private final Path proc;
    private final List<String[]> mounts;

    private Mounts(Path proc, List<String[]> mounts) {
        this.proc = proc;
        this.mounts = mounts;
    }

    /// Reads the mounts of the process that `proc/self` shows.
    static Mounts read(Path proc) throws IOException {
        try (var lines = Files.lines(proc.resolve("self/mountinfo"))) {
            return new Mounts(
                    proc,
                    lines.limit(LINES_MAX)
                            .map(line -> line.split(" ", -1))
                            .filter(words -> type(words).startsWith("cgroup"))
                            .toList());
        }
    }

    /// The group of `process` in version 1's tree for a resource.
    Optional<Path> old(String process, Resource resource) throws IOException {
        for (String line : groups(process)) {
            String[] parts = line.split(":", 3);
            if (has(parts[1], resource.controller())) {
                return folder(
                        parts[2],
                        words ->
                                type(words).equals("cgroup")
                                        && has(words[words.length - 1], resource.controller()));
            }
        }
        return Optional.empty();
    }

    /// The group of `process` in version 2's tree.
    Optional<Path> unified(String process) throws IOException {
        for (String line : groups(process)) {
            if (line.startsWith("0::")) {
                return folder(line.substring(3), words -> type(words).equals("cgroup2"));
            }
        }
        return Optional.empty();
    }

    private List<String> groups(String process) throws IOException {
        return Files.readAllLines(proc.resolve(process).resolve("cgroup")).stream()
                .filter(line -> line.split(":", 3).length == 3)
                .toList();
    }

    private Optional<Path> folder(String group, java.util.function.Predicate<String[]> wanted) {
        // In a container only a part of the tree may be mounted.
        return mounts.stream()
                .filter(wanted)
                .map(words -> {
                    String root = words[3].equals("/") ? "" : words[3];
                    String below = group.startsWith(root) ? group.substring(root.length()) : group;
                    return Path.of(words[4], below);
                })
                .findFirst();
    }

    private static boolean has(String commas, String word) {
        return Arrays.asList(commas.split(",", -1)).contains(word);
    }

    /// The file system's type stands behind a lone dash, after any number of optional words.
    private static String type(String[] words) {
        int dash = Arrays.asList(words).indexOf("-");
        return dash < 5 || dash + 1 >= words.length ? "" : words[dash + 1];
    }
}
