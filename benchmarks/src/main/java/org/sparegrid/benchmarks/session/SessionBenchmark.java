// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Sessions of many agents on one process of the coordinator, which is the real program.
///
/// Arguments: an empty folder, agents, seconds of heartbeats.
public final class SessionBenchmark {
    private static final long WAIT_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final double HEAP_KILOBYTES_MAX = 24;
    private static final String MAIN = "org.sparegrid.coordinator.Main";

    private final Path home;
    private final int port;
    private final int count;
    private final long seconds;

    private SessionBenchmark(String[] args) throws IOException {
        this.home = Path.of(args[0]);
        this.count = Integer.parseInt(args[1]);
        this.seconds = Long.parseLong(args[2]);
        try (ServerSocket free = new ServerSocket(0)) {
            this.port = free.getLocalPort();
        }
    }

    public static void main(String[] args) throws Exception {
        new SessionBenchmark(args).run();
    }

    private void run() throws Exception {
        int code =
                coordinator("init", "--public-address", "localhost", "--port", "" + port).waitFor();
        if (code != 0) {
            throw new IOException("the coordinator could not be set up; see the log");
        }
        Computers computers = new Computers(home, count);
        Process server = coordinator("serve");
        try (Crowd crowd = new Crowd(computers, port)) {
            awaitPort(server);
            Gauge idle = gauge(server);
            System.out.printf(
                    Locale.ROOT,
                    "%,d agents with keys of their own; the coordinator alone: %s%n",
                    count,
                    idle);
            long start = System.nanoTime();
            boolean all = crowd.untilAllAreWelcome(WAIT_NANOS);
            double connectSeconds = (System.nanoTime() - start) / 1e9;
            Gauge connected = gauge(server);
            System.out.printf(
                    Locale.ROOT,
                    "  %,d connected in %.1f s, %d tries failed; CPU of the coordinator for"
                            + " each %.2f ms%n",
                    crowd.welcomed(),
                    connectSeconds,
                    crowd.failures(),
                    1000 * (connected.before - idle.after) / count);
            Gauge beating = beat(crowd, server);
            long failures = crowd.failures();
            crowd.cut();
            start = System.nanoTime();
            boolean again = crowd.untilAllAreWelcome(WAIT_NANOS);
            double stormSeconds = (System.nanoTime() - start) / 1e9;
            Gauge after = gauge(server);
            System.out.printf(
                    Locale.ROOT,
                    "  all cut off at once: %,d back in %.1f s, %d tries failed, CPU for"
                            + " each %.2f ms; %s%n",
                    crowd.welcomed(),
                    stormSeconds,
                    crowd.failures() - failures,
                    1000 * (after.before - beating.after) / count,
                    after);
            double heap = (beating.heapKilobytes - idle.heapKilobytes) / count;
            System.out.printf(
                    Locale.ROOT,
                    "  for each session %.1f kB of heap and %.1f kB resident%n",
                    heap,
                    (beating.residentKilobytes - idle.residentKilobytes) / count);
            System.out.printf(
                    Locale.ROOT,
                    "goal session-agents %d %d %s%n",
                    crowd.welcomed(),
                    count,
                    all && again ? "pass" : "fail");
            System.out.printf(
                    Locale.ROOT,
                    "goal session-heap-kilobytes %.1f <=%.0f %s%n",
                    heap,
                    HEAP_KILOBYTES_MAX,
                    heap <= HEAP_KILOBYTES_MAX ? "pass" : "fail");
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    /// Lets heartbeats come and go for a while.
    private Gauge beat(Crowd crowd, Process server) throws IOException, InterruptedException {
        crowd.run(TimeUnit.SECONDS.toNanos(5));
        Gauge before = gauge(server);
        crowd.run(TimeUnit.SECONDS.toNanos(seconds));
        Gauge after = gauge(server);
        System.out.println(
                String.format(
                        Locale.ROOT,
                        "  heartbeats for %d s: %.3f of a core, %.1f us of CPU a second for each;"
                                + " %s",
                        seconds,
                        (after.before - before.after) / seconds,
                        1e6 * (after.before - before.after) / seconds / count,
                        after));
        return after;
    }

    /// What the coordinator has used.
    ///
    /// @param before seconds of CPU before its garbage was collected for this
    /// @param after seconds of CPU after that
    private record Gauge(
            double before, double after, double residentKilobytes, double heapKilobytes) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.0f MB resident, %.0f MB of heap in use",
                    residentKilobytes / 1024,
                    heapKilobytes / 1024);
        }
    }

    private static Gauge gauge(Process server) throws IOException, InterruptedException {
        double before = cpuSeconds(server);
        jcmd(server, "GC.run");
        String heap = jcmd(server, "GC.heap_info");
        double used =
                heap.lines()
                        .filter(line -> line.strip().matches("(?i)(def|ten).*used [0-9]+K.*"))
                        .mapToDouble(SessionBenchmark::usedKilobytes)
                        .sum();
        double resident =
                Files.readAllLines(Path.of("/proc/" + server.pid() + "/status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                        .sum();
        return new Gauge(before, cpuSeconds(server), resident, used);
    }

    private static double usedKilobytes(String line) {
        return Double.parseDouble(line.replaceAll(".*used ([0-9]+)K.*", "$1"));
    }

    private static double cpuSeconds(Process server) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + server.pid() + "/stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        // The fields 14 and 15, in hundredths of a second.
        return (Double.parseDouble(fields.get(11)) + Double.parseDouble(fields.get(12))) / 100;
    }

    private static String jcmd(Process server, String command)
            throws IOException, InterruptedException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(server.pid()),
                                command)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        return said;
    }

    private Process coordinator(String... words) throws IOException {
        List<String> command =
                new java.util.ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:+UseCompactObjectHeaders",
                                "-Xmx2g",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                MAIN));
        command.addAll(List.of(words));
        command.addAll(List.of("--home", home.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolveSibling("log").toFile()))
                .start();
    }

    private void awaitPort(Process server) throws Exception {
        long end = System.nanoTime() + WAIT_NANOS;
        while (System.nanoTime() < end && server.isAlive()) {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (probe.isConnected()) {
                    return;
                }
            } catch (IOException notYet) {
                Thread.sleep(200);
            }
        }
        throw new IOException("the coordinator did not start; see the log");
    }
}
