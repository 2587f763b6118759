// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.sparegrid.testsupport.Command;

/// The screen and keyboard of a computer's owner, whom the agent must see: a real X server.
final class Desktop implements AutoCloseable {
    /// How long a processor must have got no time until it counts as standing still: longer than a
    /// busy computer withholds it.
    private static final Duration STILL = Duration.ofSeconds(2);

    private final Deployment deployment;
    private final String party;
    private final Process server;
    private final String display;

    /// Starts it on a party's host, on which only agents of [Deployment] see it.
    Desktop(Deployment deployment, String party) throws IOException, InterruptedException {
        this.deployment = deployment;
        this.party = party;
        this.server =
                deployment.startDesktop(
                        party,
                        "desktop",
                        "Xvfb",
                        "-displayfd",
                        "1",
                        "-ac",
                        "-nolisten",
                        "tcp",
                        "-screen",
                        "0",
                        "640x480x8");
        Path log = deployment.home("desktop.log");
        Deployment.await(
                Duration.ofSeconds(30),
                "the X server",
                () -> Files.readString(log).lines().anyMatch(line -> line.matches("[0-9]+")));
        this.display =
                ":"
                        + Files.readString(log)
                                .lines()
                                .filter(line -> line.matches("[0-9]+"))
                                .findFirst()
                                .orElseThrow();
    }

    /// The owner presses a key.
    void touch() throws IOException, InterruptedException {
        Command.attempt(
                        new ProcessBuilder(
                                deployment.onDesktop(
                                        party,
                                        List.of(
                                                "env",
                                                "DISPLAY=" + display,
                                                "xdotool",
                                                "key",
                                                "a"))))
                .orFail();
    }

    /// When a guest's processor, busy until then, got its last time.
    static Instant awaitStill(long pid, Duration patience)
            throws IOException, InterruptedException {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        long ran = processorNanos(pid);
        Instant last = Instant.now();
        while (Duration.between(last, Instant.now()).compareTo(STILL) < 0) {
            TimeUnit.MILLISECONDS.sleep(2);
            long now = processorNanos(pid);
            if (now != ran) {
                ran = now;
                last = Instant.now();
            }
            if (System.nanoTime() > deadlineNanos) {
                throw new AssertionError("the guest's processor does not stand still");
            }
        }
        return last;
    }

    /// When a guest's processor gets time again.
    static Instant awaitRunning(long pid, Duration patience)
            throws IOException, InterruptedException {
        long before = processorNanos(pid);
        Deployment.await(
                patience,
                "the guest's processor to run",
                () -> processorNanos(pid) > before + 10_000_000);
        return Instant.now();
    }

    /// The time that the guest's processors got, from the threads of its QEMU.
    private static long processorNanos(long pid) throws IOException {
        long sum = 0;
        try (var threads = Files.newDirectoryStream(Path.of("/proc", "" + pid, "task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).startsWith("CPU ")) {
                    sum +=
                            Long.parseLong(
                                    Files.readString(thread.resolve("schedstat")).split(" ")[0]);
                }
            }
        }
        return sum;
    }

    /// What was measured, for people.
    static void say(String what, Duration took) {
        System.out.printf(Locale.ROOT, "owner: %s %.3f s%n", what, took.toMillis() / 1e3);
    }

    @Override
    public void close() {
        server.destroy();
        server.onExit().join();
    }
}
