// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.sparegrid.endtoend.Deployment.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Command;

/// `image run` leaves nothing behind, however it ends. Without `bin/test --full` no guest boots:
/// the market starts, and then lacks a file or is interrupted.
@Tag("root")
class RehearsalIT {
    private static final boolean FULL = Boolean.getBoolean("sparegrid.full");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration BOOT = Duration.ofMinutes(10);
    private static final List<String> NETWORK =
            List.of("--nat", "symmetric", "--rtt", "80ms", "--loss", "1%");

    private Path work;
    private Path log;
    private Set<String> foldersBefore;
    private Set<String> devicesBefore;
    private Set<String> namespacesBefore;

    @BeforeEach
    void stage() throws Exception {
        foldersBefore = folders();
        devicesBefore = devices();
        namespacesBefore = namespaces();
        work = Files.createTempDirectory(Path.of("/tmp"), "sgr");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        Programs.stage(work);
        Command.run("chown", "65534:65534", Files.createDirectory(work.resolve("home")).toString());
        log = work.resolve("log");
    }

    @AfterEach
    void remove() throws Exception {
        // A rehearsal that a test gave up takes its machines and networks away if it is asked to.
        processes(work.toString()).forEach(ProcessHandle::destroy);
        for (int i = 0; i < 240 && !processes(work.toString()).isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(250);
        }
        processes(work.toString()).forEach(ProcessHandle::destroyForcibly);
        Command.run("rm", "-rf", "--one-file-system", work.toString());
    }

    private static Set<String> folders() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/tmp"))) {
            return all.map(Path::toString)
                    .filter(name -> name.startsWith("/tmp/sgrun"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> devices() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/sys/class/net"))) {
            return all.map(Path::toString).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> namespaces() throws Exception {
        return Command.run("ip", "netns", "list")
                .lines()
                .map(line -> line.replaceFirst(" .*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<ProcessHandle> processes(String text) {
        return ProcessHandle.allProcesses()
                .filter(process -> Deployment.commandLine(process).contains(text))
                .toList();
    }

    private Process start(boolean root, Path image, List<String> more) throws IOException {
        List<String> words = new ArrayList<>(List.of("setsid"));
        if (!root) {
            words.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        // A build in the background ignores interrupts, and so would all that it starts.
        words.addAll(List.of("env", "-i", "--default-signal=INT"));
        words.addAll(List.of("HOME=" + work.resolve("home"), "LANG=C.UTF-8"));
        words.add("PATH=" + System.getenv("PATH"));
        words.add("SPAREGRID_START_ARCHIVE=no");
        words.add("JAVA_HOME=" + System.getProperty("java.home"));
        words.addAll(List.of(work.resolve("programs/bin/sparegrid").toString(), "image", "run"));
        words.addAll(List.of(image.toString(), "-n", "2"));
        words.addAll(more);
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /// A disk that could start a machine, if it came to that.
    private Path smallDisk() throws IOException {
        byte[] disk = new byte[1 << 20];
        disk[0] = (byte) 0xf4;
        disk[510] = 0x55;
        disk[511] = (byte) 0xaa;
        return Files.write(work.resolve("small.raw"), disk);
    }

    /// Waits until the rehearsal has made `file` in its folder, which it gives.
    private Path awaitFile(Process process, String file) throws Exception {
        List<Path> found = new ArrayList<>();
        await(
                PATIENCE,
                file + ", or the end: " + Files.readString(log),
                () -> {
                    Set<String> made = folders();
                    made.removeAll(foldersBefore);
                    made.stream()
                            .map(Path::of)
                            .filter(folder -> Files.exists(folder.resolve(file)))
                            .forEach(found::add);
                    return !found.isEmpty() || !process.isAlive();
                });
        assertThat(found).as(Files.readString(log)).isNotEmpty();
        return found.getFirst();
    }

    private static List<String> failing(List<String> words) {
        return Stream.concat(words.stream(), Stream.of("--user-data", "/no/such/file")).toList();
    }

    private static void interrupt(Process process) throws Exception {
        Command.run("kill", "-INT", "--", "-" + process.pid());
    }

    private int end(Process process, Duration patience) throws Exception {
        assertThat(process.waitFor(patience)).as(Files.readString(log)).isTrue();
        return process.exitValue();
    }

    private void assertNothingLeft() throws Exception {
        String said = Files.readString(log);
        assertThat(folders()).as(said).isEqualTo(foldersBefore);
        assertThat(devices()).as(said).isEqualTo(devicesBefore);
        assertThat(namespaces()).as(said).isEqualTo(namespacesBefore);
        assertThat(processes(work.toString())).as(said).isEmpty();
    }

    private void assertNothingLeft(Path folder) throws Exception {
        assertThat(processes(folder.toString())).as("of " + folder).isEmpty();
        assertNothingLeft();
    }

    @Test
    void aFailureBehindRoutersLeavesNothing() throws Exception {
        Process process = start(true, smallDisk(), failing(NETWORK));
        Path folder = awaitFile(process, "seller2/agent.toml");
        Set<String> made = namespaces();
        made.removeAll(namespacesBefore);
        // The internet, the coordinator, the buyer, and a seller and its router twice.
        assertThat(made).as(Files.readString(log)).hasSize(7);
        assertThat(end(process, PATIENCE)).as(Files.readString(log)).isNotZero();
        assertThat(log)
                .content()
                .contains("/no/such/file")
                .contains("Ended, and removed everything");
        assertNothingLeft(folder);
    }

    @Test
    void aFailureOfAnOrdinaryUserLeavesNothing() throws Exception {
        Process process = start(false, smallDisk(), failing(List.of()));
        Path folder = awaitFile(process, "seller2/agent.toml");
        assertThat(end(process, PATIENCE)).as(Files.readString(log)).isNotZero();
        assertThat(log)
                .content()
                .contains("/no/such/file")
                .contains("Ended, and removed everything");
        assertNothingLeft(folder);
    }

    @Test
    void anInterruptWhileItStartsLeavesNothing() throws Exception {
        List<String> moments =
                FULL ? List.of("coordinator", "buyer", "seller2") : List.of("seller1");
        for (String moment : moments) {
            Process process = start(true, smallDisk(), NETWORK);
            Path folder = awaitFile(process, moment);
            interrupt(process);
            assertThat(end(process, PATIENCE)).as(Files.readString(log)).isNotZero();
            assertNothingLeft(folder);
        }
    }

    @Test
    @Tag("vm")
    void runsACommandOnMachinesAndLeavesNothing() throws Exception {
        assumeTrue(FULL, "bin/test --full boots guests for it");
        Path base = Path.of(System.getenv("SPAREGRID_BASE_ISO"));
        List<String> words = new ArrayList<>(NETWORK);
        words.addAll(List.of("--exec", "ping -c 3 -w 20 node2 && echo answered by $(hostname)"));
        Process process = start(true, base, words);
        Path folder = awaitFile(process, "seller2/agent.toml");
        assertThat(end(process, BOOT)).as(Files.readString(log)).isZero();
        assertThat(log).content().contains("answered by node1");
        assertNothingLeft(folder);
    }

    @Test
    @Tag("vm")
    void anInterruptAtTheMachinesEndLeavesNothing() throws Exception {
        assumeTrue(FULL, "bin/test --full boots guests for it");
        Path base = Path.of(System.getenv("SPAREGRID_BASE_ISO"));
        Process process = start(false, base, List.of());
        Path folder = awaitFile(process, "seller2/agent.toml");
        await(BOOT, "the machines", () -> Files.readString(log).contains("Ctrl-C ends it"));
        interrupt(process);
        end(process, PATIENCE);
        assertNothingLeft(folder);
    }
}
