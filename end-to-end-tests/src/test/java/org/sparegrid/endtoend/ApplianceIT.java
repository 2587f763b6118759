// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.attestation.appliance.ApplianceBoot;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.eventlog.StartedPrograms;
import org.sparegrid.attestation.policy.ApplianceReference;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Command;

/// The seller appliance, built and started by OVMF with a TPM emulator: what the TPM holds then is
/// what its builder published, and an altered one gives other values or does not start.
@Tag("root")
@Tag("vm")
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApplianceIT {
    /// Emulation on a busy computer.
    private static final Duration BOOT_MAX = Duration.ofMinutes(9);

    private static final String READY = "not joined: put";
    private static final int MEBIBYTE = 1 << 20;

    @TempDir private static Path folder;
    private Path image = Path.of("");
    private ApplianceReference reference;

    /// Builds the appliance, or takes the one that `SPAREGRID_APPLIANCE` names.
    @BeforeAll
    void build() throws Exception {
        image = folder.resolve("appliance.img");
        String built = System.getenv("SPAREGRID_APPLIANCE");
        Path published = folder.resolve("appliance.reference.json");
        if (built != null) {
            Command.run("cp", "--sparse=always", built, image.toString());
            published = Path.of(built.replaceFirst("[.]img$", ".reference.json"));
        } else {
            Path checkout = Path.of("..").toRealPath();
            // The same build that runs this test has just made the programs.
            Files.writeString(checkout.resolve("buyer-cli/target/built"), "");
            Command.run(
                    checkout.resolve("packer/build-seller-appliance").toString(),
                    "--kernel",
                    "cloud",
                    image.toString());
        }
        reference = ApplianceReference.read(Files.readAllBytes(published));
    }

    /// A computer that starts from a copy of the image.
    private final class Computer implements AutoCloseable {
        private final Path place;
        private final Process tpm;
        private final Process guest;

        Computer(String name) throws IOException, InterruptedException {
            place = Files.createDirectory(folder.resolve(name));
            Path state = Files.createDirectory(place.resolve("state"));
            Path socket = place.resolve("tpm");
            Files.copy(Path.of("/usr/share/OVMF/OVMF_VARS_4M.fd"), place.resolve("vars"));
            Path data = place.resolve("data");
            Command.run("truncate", "-s", "64M", data.toString());
            Command.run("mkfs.ext4", "-q", "-L", "sg-data", data.toString());
            tpm =
                    new ProcessBuilder(
                                    "swtpm",
                                    "socket",
                                    "--tpm2",
                                    "--tpmstate",
                                    "dir=" + state,
                                    "--ctrl",
                                    "type=unixio,path=" + socket)
                            .start();
            await(Duration.ofSeconds(30), "the TPM emulator", () -> Files.exists(socket));
            guest =
                    new ProcessBuilder(
                                    "qemu-system-x86_64",
                                    "-machine",
                                    "q35,accel=tcg",
                                    "-cpu",
                                    "Nehalem",
                                    "-m",
                                    "1024",
                                    "-display",
                                    "none",
                                    "-nodefaults",
                                    "-no-reboot",
                                    "-monitor",
                                    "stdio",
                                    "-serial",
                                    "file:" + place.resolve("serial"),
                                    "-drive",
                                    "if=pflash,format=raw,readonly=on,"
                                            + "file=/usr/share/OVMF/OVMF_CODE_4M.fd",
                                    "-drive",
                                    "if=pflash,format=raw,file=" + place.resolve("vars"),
                                    "-drive",
                                    "if=virtio,format=raw,snapshot=on,file=" + image,
                                    "-drive",
                                    "if=virtio,format=raw,file=" + data,
                                    "-chardev",
                                    "socket,id=tpm,path=" + socket,
                                    "-tpmdev",
                                    "emulator,id=tpm,chardev=tpm",
                                    "-device",
                                    "tpm-tis,tpmdev=tpm")
                            .redirectErrorStream(true)
                            .redirectOutput(place.resolve("monitor").toFile())
                            .start();
        }

        String says() throws IOException {
            Path serial = place.resolve("serial");
            return Files.exists(serial)
                    ? Files.readString(serial, StandardCharsets.ISO_8859_1)
                    : "";
        }

        void awaitText(String text) throws Exception {
            try {
                await(BOOT_MAX, text, () -> says().contains(text) || !guest.isAlive());
                assertThat(says()).contains(text);
            } catch (AssertionError missing) {
                throw new AssertionError("the screen:\n" + says(), missing);
            }
        }

        Octets register(int number) throws IOException {
            Matcher line =
                    Pattern.compile("register " + number + ": ([0-9a-f]{64})").matcher(says());
            assertThat(line.find()).as(says()).isTrue();
            return Octets.ofHex(line.group(1));
        }

        /// The log that the appliance keeps for its agent.
        BootLog log() throws Exception {
            try (var monitor = guest.outputWriter(StandardCharsets.US_ASCII)) {
                monitor.write("system_powerdown\n");
                monitor.flush();
                assertThat(guest.waitFor(BOOT_MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
            Path log = place.resolve("log");
            Command.run("debugfs", "-R", "dump /boot-log " + log, place.resolve("data").toString());
            return BootLog.parse(Files.readAllBytes(log));
        }

        @Override
        public void close() {
            guest.destroyForcibly().onExit().join();
            tpm.destroyForcibly().onExit().join();
        }
    }

    @Test
    @Order(1)
    void startsAsItsBuilderForetold() throws Exception {
        try (Computer computer = new Computer("whole")) {
            computer.awaitText(READY);
            ApplianceBoot boot = reference.boot();
            assertThat(computer.register(ApplianceBoot.LOADED)).isEqualTo(boot.loaded());
            assertThat(computer.register(ApplianceBoot.SECTIONS)).isEqualTo(boot.sections());
            for (int register : ApplianceBoot.ADDITIONS) {
                assertThat(computer.register(register)).isEqualTo(Octets.repeated(0, 32));
            }
            Octets programs = computer.register(ApplianceBoot.PROGRAMS);
            BootLog log = computer.log();
            assertThat(StartedPrograms.of(log, HashAlgorithm.SHA256)).isEqualTo(boot.programs());
            assertThat(log.replay(HashAlgorithm.SHA256).value(ApplianceBoot.PROGRAMS))
                    .contains(programs);
        }
    }

    @Test
    @Order(2)
    void anotherCommandLineGivesOtherRegisters() throws Exception {
        alter("start", " quiet ", " quieT ");
        try (Computer computer = new Computer("line")) {
            computer.awaitText(READY);
            assertThat(computer.register(ApplianceBoot.LOADED))
                    .isNotEqualTo(reference.boot().loaded());
            assertThat(computer.register(ApplianceBoot.SECTIONS))
                    .isNotEqualTo(reference.boot().sections());
        } finally {
            alter("start", " quieT ", " quiet ");
        }
    }

    @Test
    @Order(3)
    void anAlteredRootDoesNotStart() throws Exception {
        // What follows the squashfs's magic is its number of files, in the first block that is
        // read.
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(partition("root") + 4);
            int before = file.read();
            file.seek(partition("root") + 4);
            file.write(before ^ 1);
        }
        try (Computer computer = new Computer("root")) {
            computer.awaitText("dm-verity device corrupted");
            assertThat(computer.says()).doesNotContain("register");
        }
    }

    private long partition(String name) throws IOException, InterruptedException {
        List<String> lines = Command.run("sfdisk", "--dump", image.toString()).lines().toList();
        for (String line : lines) {
            Matcher start =
                    Pattern.compile("start= *([0-9]+),.*name=\"" + name + "\"").matcher(line);
            if (start.find()) {
                return Long.parseLong(start.group(1)) * 512;
            }
        }
        throw new AssertionError(lines.toString());
    }

    private void alter(String name, String from, String to) throws Exception {
        Path edited = folder.resolve("edited");
        Files.copy(image, edited, StandardCopyOption.REPLACE_EXISTING);
        long end = partition("root");
        try (RandomAccessFile file = new RandomAccessFile(edited.toFile(), "rw")) {
            byte[] sought = from.getBytes(StandardCharsets.US_ASCII);
            byte[] block = new byte[MEBIBYTE];
            for (long at = partition(name); at < end; at += MEBIBYTE) {
                file.seek(at);
                file.readFully(block);
                String text = new String(block, StandardCharsets.ISO_8859_1);
                int found = text.indexOf("rootfstype=squashfs ro" + from);
                if (found >= 0) {
                    file.seek(at + found + "rootfstype=squashfs ro".length());
                    file.write(to.getBytes(StandardCharsets.US_ASCII), 0, sought.length);
                    Files.move(edited, image, StandardCopyOption.REPLACE_EXISTING);
                    return;
                }
            }
        }
        throw new AssertionError("the command line was not found");
    }
}
