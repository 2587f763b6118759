// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// The programs that a rehearsal has started, and whatever these start.
final class Children {
    private static final Duration COMMAND_MAX = Duration.ofMinutes(2);

    /// Agents first ask their guests to end.
    private static final Duration END_MAX = Duration.ofSeconds(40);

    /// What answers at all does so sooner.
    private static final Duration FAREWELL_MAX = Duration.ofSeconds(10);

    private static final int OUTPUT_BYTES_MAX = 64 * 1024;

    /// What a screen holds of a program's log.
    private static final int LAST_BYTES_MAX = 2048;

    private static final int LAST_LINES_MAX = 8;
    private static final System.Logger LOG = System.getLogger(Children.class.getName());

    private final List<Process> started = new ArrayList<>();
    private final List<Process> attached = new ArrayList<>();
    private boolean closed;

    /// Runs a short command and gives what it printed.
    ///
    /// @throws IOException with what it said if it fails
    static String output(List<String> prefix, List<String> words, Map<String, String> environment)
            throws IOException, InterruptedException {
        Process process = builder(prefix, words, environment).redirectErrorStream(true).start();
        process.getOutputStream().close();
        byte[] said = process.getInputStream().readNBytes(OUTPUT_BYTES_MAX);
        if (!process.waitFor(COMMAND_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new IOException(words.getFirst() + ": took too long");
        }
        String text = new String(said, StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            throw new IOException("rehearsal: " + text.strip().replaceFirst("^error: ", ""));
        }
        return text;
    }

    /// Starts a program that runs until the end.
    ///
    /// @param died hears why if it ends before
    void start(
            List<String> prefix,
            List<String> words,
            Map<String, String> environment,
            Path log,
            Consumer<String> died)
            throws IOException {
        Process process =
                add(
                        builder(prefix, words, environment)
                                .redirectErrorStream(true)
                                .redirectOutput(log.toFile()));
        var _ = process.onExit().thenAccept(gone -> tell(gone.exitValue(), log, died));
    }

    private synchronized void tell(int exitCode, Path log, Consumer<String> died) {
        if (closed) {
            return;
        }
        String who = String.valueOf(log.getFileName()).replaceFirst("[.]log$", "");
        died.accept(who + " ended with exit code " + exitCode + "; its last words:\n" + tail(log));
    }

    private static String tail(Path log) {
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(LAST_BYTES_MAX);
            file.read(last, Math.max(0, file.size() - LAST_BYTES_MAX));
            String text = StandardCharsets.UTF_8.decode(last.flip()).toString();
            List<String> lines = text.lines().toList();
            int first = Math.max(0, lines.size() - LAST_LINES_MAX);
            return "  " + String.join("\n  ", lines.subList(first, lines.size()));
        } catch (IOException unreadable) {
            return "  (" + log + " cannot be read: " + unreadable.getMessage() + ")";
        }
    }

    /// Runs a command on this process's own terminal and gives its exit code.
    int attached(List<String> prefix, List<String> words, Map<String, String> environment)
            throws IOException, InterruptedException {
        return addAttached(builder(prefix, words, environment).inheritIO()).waitFor();
    }

    private synchronized Process addAttached(ProcessBuilder builder) throws IOException {
        Process process = add(builder);
        attached.add(process);
        return process;
    }

    private synchronized Process add(ProcessBuilder builder) throws IOException {
        if (closed) {
            throw new IOException("the rehearsal is ending");
        }
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static ProcessBuilder builder(
            List<String> prefix, List<String> words, Map<String, String> environment) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment().remove("SPAREGRID_TOKEN");
        return builder;
    }

    synchronized boolean allLive() {
        return started.stream().allMatch(Process::isAlive);
    }

    /// Ends what runs on this process's terminal, and lets nothing more begin.
    synchronized void dismiss() throws InterruptedException {
        closed = true;
        // It may still want to tell the coordinator that it stops.
        for (Process process : attached) {
            process.destroy();
            process.waitFor(FAREWELL_MAX.toMillis(), TimeUnit.MILLISECONDS);
        }
        attached.clear();
    }

    /// Ends the sellers before the coordinator, and then by force what did not end.
    synchronized void close() throws InterruptedException {
        dismiss();
        Set<ProcessHandle> all = new LinkedHashSet<>();
        for (Process process : started.reversed()) {
            process.descendants().forEach(all::add);
            all.add(process.toHandle());
            process.destroy();
        }
        long end = System.nanoTime() + END_MAX.toNanos();
        for (Process process : started.reversed()) {
            if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                process.descendants().forEach(all::add);
            }
        }
        all.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        started.clear();
    }

    /// Ends by force the guests whose files lie below `folder`: the emulator of a seller that was
    /// in the middle of its self-test has left the seller's family, and outlives it.
    static void endStrays(Path folder) throws InterruptedException {
        List<ProcessHandle> strays =
                ProcessHandle.allProcesses()
                        .filter(process -> commandLine(process).contains(folder + "/seller"))
                        .toList();
        for (ProcessHandle stray : strays) {
            stray.destroyForcibly();
            try {
                stray.onExit().get(FAREWELL_MAX.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException stuck) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> "a guest does not end pid=" + stray.pid(),
                        stuck);
            }
        }
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"),
                    StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
