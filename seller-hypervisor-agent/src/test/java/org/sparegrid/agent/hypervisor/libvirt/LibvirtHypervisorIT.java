// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.ProcessId;

/// Boots the base live CD for real. Root starts the agent's part as an ordinary user; an ordinary
/// user just starts it.
@Tag("vm")
class LibvirtHypervisorIT {
    private static final int NOBODY = 65_534;

    /// One part of the trial takes a minute; a busy computer gets more.
    private static final long TRIAL_MINUTES_MAX = 12;

    /// Short, because sockets lie below it.
    private @Nullable Path made;

    private Path folder = Path.of("/nonexistent");

    private List<String> program = List.of();

    @BeforeEach
    void prepareFolderForTheUser() throws IOException {
        String iso = System.getenv("SPAREGRID_BASE_ISO");
        assertThat(iso).as("SPAREGRID_BASE_ISO, the base live CD").isNotNull();
        folder = Files.createTempDirectory(Path.of("/tmp"), "sgt");
        made = folder;
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path images = Files.createDirectories(folder.resolve("i"));
        Files.copy(Path.of(iso), images.resolve("base.iso"));
        program = new ArrayList<>();
        if (isRoot()) {
            program.addAll(
                    List.of(
                            "setpriv",
                            "--reuid=" + NOBODY,
                            "--regid=" + NOBODY,
                            "--clear-groups",
                            "--no-new-privs"));
            for (Path owned : List.of(folder, images, images.resolve("base.iso"))) {
                Files.setAttribute(owned, "unix:uid", NOBODY);
            }
        }
        program.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        copyClassPath(),
                        GuestTrial.class.getName()));
    }

    @AfterEach
    void endWhatIsLeft() throws IOException {
        for (String pidFile :
                List.of("v/libvirtd.pid", "v/r/libvirt/qemu/run/" + GuestTrial.NAME + ".pid")) {
            Path file = folder.resolve(pidFile);
            if (Files.exists(file)) {
                var process = ProcessId.of(Long.parseLong(Files.readString(file).strip()));
                process.orElse(ProcessId.NONE).kill();
            }
        }
        // Only what this very test made: deleting anything else as root is a catastrophe.
        if (made != null) {
            AtomicFile.deleteTree(made);
        }
    }

    @Test
    void keepsAConfinedGuestThroughTheDeathsOfAgentAndLibvirtd() throws Exception {
        assertThat(run("cut", folder.toString()))
                .containsExactly("unanswered true", "left false", "cut true");
        keeps(GuestCard.VHOST_USER);
    }

    @Test
    @EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
    void keepsOneWhoseCardIsAStreamToo() throws Exception {
        keeps(GuestCard.STREAM);
    }

    /// Nobody is connected to the card while the guest's driver starts it, while the guest is
    /// saved, and while it is brought back for the first time.
    @Test
    void carriesFramesOfAGuestThatWasAloneAndComesBackInASecondTry() throws Exception {
        assertThat(run("alone", folder.toString(), folder + "/i/base.iso"))
                .containsExactly(
                        "shell true", "ping true", "ping true", "parked true false", "cut true");
        List<String> back = run("back", folder.toString());
        assertThat(back.getFirst()).startsWith("found ");
        assertThat(back.subList(1, back.size()))
                .as("errors: %s", errors())
                .containsExactly(
                        "back true true false", "confined true", "ping true", "known []", "done");
    }

    private void keeps(GuestCard card) throws Exception {
        List<String> started = run("start", folder.toString(), folder + "/i/base.iso", card.name());
        assertThat(started)
                .contains(
                        "before []",
                        "card " + card,
                        "sockets rwx------",
                        "paused-cpu true",
                        "console true",
                        "dhcp true",
                        "counted true",
                        "cpu true");
        assertThat(started).filteredOn(line -> line.startsWith("holds ")).hasSize(17);
        assertThat(started).noneMatch(line -> line.startsWith("FAULT"));
        String pid = started.get(1);
        assertThat(pid).startsWith("pid ");

        List<String> again = run("again", folder.toString());

        assertThat(again)
                .containsExactly(
                        pid,
                        "ping true",
                        "daemon-new true",
                        pid,
                        "cpu-grows true",
                        "confined true",
                        "ping true",
                        "suspended true true",
                        "slowed false",
                        "parked true false",
                        "back true true false",
                        "confined true",
                        "ping true",
                        "saved true true",
                        "ping true",
                        "end DIED",
                        "restored true true",
                        "confined true",
                        "ping true",
                        "known []",
                        "done");
        assertThat(ProcessId.of(Long.parseLong(pid.substring(4)))).isEmpty();
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("i", "log", "n", "p");
        }
        assertThat(folder.resolve("n")).isEmptyDirectory();
    }

    private List<String> run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        File errors = folder.resolve("p/errors").toFile();
        Process process =
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectError(errors)
                        .start();
        process.onExit()
                .orTimeout(TRIAL_MINUTES_MAX, TimeUnit.MINUTES)
                .exceptionally(tooLate -> {
                    process.destroyForcibly();
                    return process;
                });
        try {
            byte[] output = process.getInputStream().readAllBytes();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            List<String> lines = new String(output, StandardCharsets.UTF_8).lines().toList();
            assertThat(lines).as("output; errors: %s", errors()).isNotEmpty();
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }

    private String errors() throws IOException {
        return Files.readString(folder.resolve("p/errors"), StandardCharsets.ISO_8859_1);
    }

    /// The user may not be able to read root's folders, where Maven keeps libraries.
    private String copyClassPath() throws IOException {
        Path copies = Files.createDirectories(folder.resolve("p"));
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path from = Path.of(entry);
            if (Files.exists(from)) {
                Path to = copies.resolve(entries.size() + "-" + from.getFileName());
                copy(from, to);
                entries.add(to.toString());
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(
                        each,
                        to.resolve(from.relativize(each).toString()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }
}
