// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a seller's agent has on the disk and in the process table, seen from outside.
final class SellerFiles {
    private static final Pattern GUEST = Pattern.compile("-name guest=([^, ]+)");
    private static final Pattern STAGE = Pattern.compile("\"stage\" ?: ?\"([A-Z_]+)\"");
    private static final Pattern RAN = Pattern.compile("\"runMillis\" ?: ?([0-9]+)");
    private static final Pattern PACE =
            Pattern.compile("\"pace\" ?: ?\\{\\s*\"percent\" ?: ?([0-9]+)");

    /// What a seller keeps for the leases to come: the cache of images, logs, what he earned and
    /// ordered, what libvirt found out about QEMU, and the folder of his commands to the market.
    private static final Pattern KEPT =
            Pattern.compile(
                    "(images|log|buyer|[.]cache)(/.*)?|(earnings|owner)[.]json|.*/cache(/.*)?");

    /// The agent and its libvirtd.
    private static final Pattern OWN_PROGRAMS =
            Pattern.compile(".*(sparegrid-agent|seller-hypervisor-agent|libvirtd).*");

    private final Deployment deployment;
    private Set<String> before = Set.of();

    SellerFiles(Deployment deployment) {
        this.deployment = deployment;
    }

    /// A lease as the agent wrote it down.
    record Entry(String lease, String stage, long ranMillis, boolean standsStill) {}

    /// Takes what is there now for what may be there without a lease.
    void remember() throws InterruptedException {
        Deployment.await(
                Duration.ofMinutes(1),
                "the files to keep still",
                () -> {
                    before = present();
                    return before.equals(present());
                });
    }

    /// The leases in the journal.
    List<Entry> journal() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path file : list(deployment.home("seller").resolve("journal"))) {
            String name = file.getFileName().toString();
            if (name.endsWith(".json")) {
                String text = text(file);
                entries.add(
                        new Entry(
                                name.replace(".json", ""),
                                found(STAGE, text).orElse("none"),
                                Long.parseLong(found(RAN, text).orElse("0")),
                                found(PACE, text).orElse("").equals("0")));
            }
        }
        return entries;
    }

    /// Whether there is a whole checkpoint.
    boolean hasCheckpoint() throws IOException {
        return list(deployment.home("seller").resolve("checkpoints")).stream()
                .anyMatch(file -> file.toString().endsWith(".ckpt"));
    }

    /// Removes the images of past leases, so that the next one has to fetch its own.
    void forgetImages() throws IOException {
        for (Path file : list(deployment.home("seller").resolve("images"))) {
            if (file.toString().matches(".*[.](iso|part)")) {
                Files.delete(file);
            }
        }
    }

    /// The QEMU processes of leases; the agent's own test guest is none.
    List<ProcessHandle> guests() {
        return deployment.processes("qemu-system").stream().filter(SellerFiles::isGuest).toList();
    }

    /// Whether a process is the QEMU of a lease.
    static boolean isGuest(ProcessHandle process) {
        String line = Deployment.commandLine(process);
        Optional<String> name = found(GUEST, line);
        return line.contains("qemu-system") && name.isPresent() && !name.get().startsWith("sg-");
    }

    /// All files, sockets and processes that were not there before.
    List<String> left() throws IOException {
        List<String> left = new ArrayList<>(present());
        left.removeAll(before);
        deployment.processes("/seller").stream()
                .map(Deployment::commandLine)
                .filter(line -> !line.isEmpty())
                .filter(line ->
                        line.contains("qemu-system") || !OWN_PROGRAMS.matcher(line).matches())
                .forEach(left::add);
        return left;
    }

    private Set<String> present() throws IOException {
        Path home = deployment.home("seller");
        try (var files = Files.walk(home)) {
            return files.map(file -> home.relativize(file).toString())
                    .filter(name -> !KEPT.matcher(name).matches())
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (UncheckedIOException moving) {
            return Set.of("files come and go: " + moving.getMessage() + " at " + System.nanoTime());
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return "";
        }
    }

    private static Optional<String> found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
