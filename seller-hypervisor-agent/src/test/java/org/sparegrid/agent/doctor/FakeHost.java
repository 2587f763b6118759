// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.Tool;

/// A computer on which everything is well, until a test breaks it.
final class FakeHost implements Host {
    final Path root;
    final Set<String> missing = new HashSet<>();
    final Map<String, Tool.Answer> answers = new HashMap<>();
    int userId = 1000;
    int processors = 8;
    int javaRelease = 25;
    long freeBytes = 100L << 30;
    boolean portFree = true;

    FakeHost(Path root) throws IOException {
        this.root = root;
        answers.put("qemu-system-x86_64", new Tool.Answer(0, "QEMU emulator version 7.2.22 (x)"));
        answers.put("bwrap", new Tool.Answer(0, ""));
        write("/proc/meminfo", "MemTotal:       16384000 kB\nMemFree: 1 kB\n");
        write("/proc/cpuinfo", "flags\t\t: fpu vmx sse\n");
        write("/proc/swaps", "Filename Type Size Used Priority\n");
        write("/dev/kvm", "");
        write("/usr/share/OVMF/OVMF_CODE_4M.fd", "");
    }

    void write(String path, String text) throws IOException {
        Files.createDirectories(file(path).resolveSibling("."));
        Files.writeString(file(path), text);
    }

    @Override
    public Path file(String path) {
        return root.resolve(path.substring(1));
    }

    @Override
    public Optional<Path> program(String name) {
        return missing.contains(name) ? Optional.empty() : Optional.of(Path.of("/usr/bin", name));
    }

    @Override
    public Tool.Answer run(String... command) {
        String name = String.valueOf(Path.of(command[0]).getFileName());
        return answers.getOrDefault(name, new Tool.Answer(127, "no such program"));
    }

    @Override
    public int userId() {
        return userId;
    }

    @Override
    public int processors() {
        return processors;
    }

    @Override
    public int javaRelease() {
        return javaRelease;
    }

    @Override
    public long freeBytes(Path folder) {
        return freeBytes;
    }

    @Override
    public boolean isPortFree(int udpPort) {
        return portFree;
    }

    /// The user whom the tests' files belong to.
    static int owner() {
        return Kernel.userId();
    }
}
