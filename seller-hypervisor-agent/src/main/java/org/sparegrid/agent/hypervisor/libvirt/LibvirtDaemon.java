// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.BoundedLog;
import org.sparegrid.agent.process.ProcessId;

/// Our own libvirtd in its sandbox. It outlives this program, as the guests do.
final class LibvirtDaemon {
    private static final System.Logger LOG = System.getLogger(LibvirtDaemon.class.getName());

    /// The first start asks QEMU for its features, which takes seconds on a busy machine.
    private static final Duration START_MAX = Duration.ofSeconds(40);

    /// How often it is started if it is killed while it starts; what ends three times in a row has
    /// a reason of its own.
    static final int STARTS_MAX = 3;

    private static final Duration STOP_MAX = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 20;

    private final Sandbox sandbox;
    private final Layout layout;

    LibvirtDaemon(Sandbox sandbox) {
        this.sandbox = sandbox;
        this.layout = sandbox.layout();
    }

    /// The daemon's process, if it runs.
    Optional<ProcessId> process() throws IOException {
        try {
            String pid = Files.readString(layout.pidFile()).strip();
            if (!pid.matches("[0-9]{1,9}")) {
                return Optional.empty();
            }
            Optional<ProcessId> process = ProcessId.of(Long.parseLong(pid));
            return process.isPresent() && isOurs(process.get()) ? process : Optional.empty();
        } catch (NoSuchFileException neverStarted) {
            return Optional.empty();
        }
    }

    /// Starts the daemon unless it runs.
    ///
    /// @return whether it had to be started
    synchronized boolean ensureRunning() throws IOException {
        if (process().isPresent() && answers()) {
            return false;
        }
        if (process().isPresent()) {
            // It may have been started a moment ago and not listen yet.
            if (awaitAnswer(null)) {
                return false;
            }
            process().orElse(ProcessId.NONE).kill();
        }
        start();
        return true;
    }

    /// Ends the daemon; guests run on.
    void stop() throws IOException {
        Optional<ProcessId> process = process();
        if (process.isEmpty()) {
            return;
        }
        process.get().terminate();
        for (long waited = 0; process.get().isAlive(); waited += POLL_MILLIS) {
            if (waited > STOP_MAX.toMillis()) {
                process.get().kill();
            }
            pause();
        }
    }

    private void start() throws IOException {
        layout.create();
        AtomicFile.write(
                layout.emulatorSettings(),
                "stdio_handler = \"file\"\nmax_core = 0\n".getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(
                layout.daemonSettings(),
                ("unix_sock_dir = \""
                                + layout.socket().getParent()
                                + "\"\n"
                                + "log_level = 4\nlog_outputs = \"4:stderr\"\n")
                        .getBytes(StandardCharsets.UTF_8));
        for (int starts = 1; ; starts++) {
            Process starter = startOnce();
            if (awaitAnswer(starter)) {
                break;
            }
            boolean died = !starter.isAlive();
            starter.destroyForcibly();
            if (!died || starts == STARTS_MAX) {
                throw new IOException(
                        "libvirtd did not start in its sandbox; it said: "
                                + lastWords(layout.log()));
            }
            LOG.log(System.Logger.Level.WARNING, "libvirtd ended while it started");
        }
        LOG.log(System.Logger.Level.INFO, () -> "libvirtd started folder=" + layout.state());
    }

    private Process startOnce() throws IOException {
        Files.deleteIfExists(layout.pidFile());
        BoundedLog.bound(layout.log());
        ProcessBuilder builder =
                new ProcessBuilder(sandbox.command())
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(layout.log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(sandbox.environment());
        return builder.start();
    }

    private boolean awaitAnswer(@org.jspecify.annotations.Nullable Process starter)
            throws IOException {
        for (long waited = 0; waited < START_MAX.toMillis(); waited += POLL_MILLIS) {
            if (answers() && process().isPresent()) {
                return true;
            }
            if (starter == null ? process().isEmpty() : !starter.isAlive()) {
                return false;
            }
            pause();
        }
        return false;
    }

    private boolean answers() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(layout.socket()));
        } catch (IOException nobodyListens) {
            return false;
        }
    }

    private boolean isOurs(ProcessId process) throws IOException {
        try {
            byte[] words = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
            return List.of(new String(words, StandardCharsets.UTF_8).split("\0", -1))
                    .contains(layout.pidFile().toString());
        } catch (IOException unreadable) {
            // One that ends in between says "no such process".
            if (process.isAlive()) {
                throw unreadable;
            }
            return false;
        }
    }

    static String lastWords(Path log) {
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
        } catch (IOException noLog) {
            return "nothing (" + noLog.getMessage() + ")";
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for libvirtd", stop);
        }
    }
}
