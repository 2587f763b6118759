// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.attester;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.device.Swtpm;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Command;

/// Our code on `/dev/tpmrm0` of a guest that UEFI firmware started: it reads the log of that start,
/// quotes and verifies, and so does this computer with what comes out.
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
class GuestIT {
    /// Emulation on a busy computer.
    private static final int MINUTES_MAX = 9;

    private static final String INIT =
            """
            #!/bin/busybox sh
            /bin/busybox mount -t devtmpfs dev /dev
            /bin/busybox mount -t proc proc /proc
            /bin/busybox mount -t sysfs sys /sys
            /bin/busybox mount -t securityfs security /sys/kernel/security
            /java/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '/code/*:/code/classes' \
            org.sparegrid.attestation.attester.GuestProgram NONCE
            /bin/busybox poweroff -f
            """;

    @TempDir private Path folder;

    @Test
    void showsWhatItsFirmwareStarted() throws Exception {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        Octets nonce = Octets.of(random);
        extract();
        initrd(nonce);
        String said = boot();
        assertThat(said).contains("SAYS verified", "SECRET opened");
        String text = find(said, "EVIDENCE ([A-Za-z0-9+/=]+)");
        Evidence evidence = Evidence.parse(Base64.getDecoder().decode(text));
        assertThat(GuestProgram.says(evidence, nonce)).isEqualTo("verified");
        assertThat(GuestProgram.says(evidence, Octets.repeated(0, 32))).contains("QUOTE_BINDING");
        // What the kernel's stub measured of this very file.
        byte[] kernel = HashAlgorithm.SHA256.hash(Files.readAllBytes(folder.resolve("initrd")));
        assertThat(BootLog.parse(evidence.bootLog().toBytes()).events())
                .anySatisfy(event -> {
                    assertThat(event.register()).isEqualTo(9);
                    assertThat(event.digests().get(HashAlgorithm.SHA256))
                            .isEqualTo(Octets.of(kernel));
                });
    }

    private static String find(String text, String pattern) {
        var found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(text).isTrue();
        return found.group(1);
    }

    private void extract() throws IOException, InterruptedException {
        String iso = System.getenv("SPAREGRID_BASE_ISO");
        assertThat(iso).as("SPAREGRID_BASE_ISO names the base live CD").isNotNull();
        Command.run(
                "xorriso",
                "-osirrox",
                "on",
                "-indev",
                iso,
                "-extract",
                "/live/vmlinuz",
                folder.resolve("vmlinuz").toString());
    }

    /// A root folder with a Java runtime, the libraries it needs, and our code.
    private void initrd(Octets nonce) throws IOException, InterruptedException {
        Path root = Files.createDirectories(folder.resolve("root"));
        for (String mount : List.of("dev", "proc", "sys", "tmp", "bin")) {
            Files.createDirectories(root.resolve(mount));
        }
        Path home = Path.of(System.getProperty("java.home"));
        Path java = root.resolve("java");
        Command.run(
                home.resolve("bin/jlink").toString(),
                "--add-modules",
                "java.base,java.logging,java.naming",
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--output",
                java.toString());
        Path busybox = Path.of("/bin/busybox");
        Files.copy(busybox, root.resolve("bin/busybox"));
        SortedSet<String> libraries = new TreeSet<>();
        for (Path program :
                List.of(
                        busybox,
                        java.resolve("bin/java"),
                        java.resolve("lib/libjli.so"),
                        java.resolve("lib/libjava.so"),
                        java.resolve("lib/libnio.so"),
                        java.resolve("lib/libzip.so"),
                        java.resolve("lib/server/libjvm.so"))) {
            Pattern.compile("(/[^ ]+[.]so[^ ]*) \\(")
                    .matcher(Command.run("ldd", program.toString()))
                    .results()
                    .map(found -> found.group(1))
                    .filter(library -> !library.startsWith(java.toString()))
                    .forEach(libraries::add);
        }
        for (String library : libraries) {
            Path to = root.resolve(library.substring(1));
            Files.createDirectories(to.getParent());
            Files.copy(Path.of(library).toRealPath(), to);
        }
        code(root.resolve("code"));
        Path init = root.resolve("init");
        Files.writeString(init, INIT.replace("NONCE", nonce.toString()));
        Command.run("chmod", "755", init.toString());
        Command.run(
                "sh",
                "-c",
                "cd \"$0\" && find . | busybox cpio -o -H newc > ../initrd",
                root.toString());
    }

    /// Our classes and the libraries that they were tested with.
    private static void code(Path to) throws IOException, InterruptedException {
        Path classes = Files.createDirectories(to.resolve("classes"));
        List<String> folders = new ArrayList<>();
        String all =
                System.getProperty("surefire.test.class.path", "")
                        + ":"
                        + System.getProperty("java.class.path", "")
                        + ":"
                        + System.getProperty("jdk.module.path", "");
        for (String entry : all.split(":", -1)) {
            Path file = Path.of(entry);
            if (entry.isEmpty() || !Files.exists(file)) {
                continue;
            }
            if (Files.isDirectory(file)) {
                folders.add(file + "/.");
            } else if (file.getFileName().toString().matches("(bcp|bcu|sparegrid|jspecify).*")) {
                Path copy = to.resolve(file.getFileName());
                if (!Files.exists(copy)) {
                    Files.copy(file, copy);
                }
            }
        }
        for (String each : folders) {
            Command.run("cp", "-r", each, classes.toString());
        }
        Files.deleteIfExists(classes.resolve("module-info.class"));
    }

    private String boot() throws IOException, InterruptedException {
        try (Swtpm.Device tpm = Swtpm.device(Files.createDirectory(folder.resolve("tpm")))) {
            Path output = folder.resolve("output");
            Files.copy(Path.of("/usr/share/OVMF/OVMF_VARS_4M.fd"), folder.resolve("vars"));
            Process guest =
                    new ProcessBuilder(
                                    "qemu-system-x86_64",
                                    "-machine",
                                    "q35,accel=tcg",
                                    "-cpu",
                                    "Nehalem",
                                    "-m",
                                    "1024",
                                    "-nographic",
                                    "-nodefaults",
                                    "-no-reboot",
                                    "-serial",
                                    "file:" + output,
                                    "-drive",
                                    "if=pflash,format=raw,readonly=on,"
                                            + "file=/usr/share/OVMF/OVMF_CODE_4M.fd",
                                    "-drive",
                                    "if=pflash,format=raw,file=" + folder.resolve("vars"),
                                    "-chardev",
                                    "socket,id=tpm,path=" + tpm.socket(),
                                    "-tpmdev",
                                    "emulator,id=tpm,chardev=tpm",
                                    "-device",
                                    "tpm-tis,tpmdev=tpm",
                                    "-kernel",
                                    folder.resolve("vmlinuz").toString(),
                                    "-initrd",
                                    folder.resolve("initrd").toString(),
                                    "-append",
                                    "console=ttyS0 quiet panic=-1")
                            .inheritIO()
                            .start();
            try {
                assertThat(guest.waitFor(MINUTES_MAX, TimeUnit.MINUTES))
                        .as(() -> read(output))
                        .isTrue();
            } finally {
                guest.destroyForcibly().onExit().join();
            }
            return read(output);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException missing) {
            return missing.toString();
        }
    }
}
