// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// One process of the coordinator, which is the real program, and the agents that are its own.
final class Server implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final String MAIN = "org.sparegrid.coordinator.Main";

    private final Path home;
    private final int port;
    private final int count;
    private final Process process;
    private final Crowd crowd;

    /// Sets a coordinator up in `home`, lets `count` computers join, and serves.
    ///
    /// @param heartbeatSeconds its setting
    Server(Path home, int count, int heartbeatSeconds) throws Exception {
        this.home = home;
        this.count = count;
        try (ServerSocket free = new ServerSocket(0)) {
            this.port = free.getLocalPort();
        }
        if (coordinator("init", "--public-address", "localhost", "--port", "" + port).waitFor()
                != 0) {
            throw new IOException("the coordinator could not be set up; see the log");
        }
        Path settings = home.resolve("coordinator.toml");
        Files.writeString(
                settings,
                Files.readString(settings)
                        .replaceFirst(
                                "heartbeat = \"[^\"]*\"",
                                "heartbeat = \"" + heartbeatSeconds + " s\""));
        Computers computers = new Computers(home, count);
        this.process = coordinator("serve");
        this.crowd = new Crowd(computers, port);
        awaitPort();
    }

    int count() {
        return count;
    }

    Crowd crowd() {
        return crowd;
    }

    /// What the coordinator has used.
    ///
    /// @param before seconds of CPU before its garbage was collected for this
    /// @param after seconds of CPU after that
    record Gauge(double before, double after, double residentKilobytes, double heapKilobytes) {
        Gauge plus(Gauge other) {
            return new Gauge(
                    before + other.before,
                    after + other.after,
                    residentKilobytes + other.residentKilobytes,
                    heapKilobytes + other.heapKilobytes);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,.0f MB resident, %,.0f MB of heap in use",
                    residentKilobytes / 1024,
                    heapKilobytes / 1024);
        }
    }

    Gauge gauge() throws IOException, InterruptedException {
        double before = cpuSeconds();
        jcmd("GC.run");
        String heap = jcmd("GC.heap_info");
        double used =
                heap.lines()
                        .filter(line -> line.strip().matches("(?i)(def|ten).*used [0-9]+K.*"))
                        .mapToDouble(Server::usedKilobytes)
                        .sum();
        double resident =
                Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                        .sum();
        return new Gauge(before, cpuSeconds(), resident, used);
    }

    private static double usedKilobytes(String line) {
        return Double.parseDouble(line.replaceAll(".*used ([0-9]+)K.*", "$1"));
    }

    private double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        // The fields 14 and 15, in hundredths of a second.
        return (Double.parseDouble(fields.get(11)) + Double.parseDouble(fields.get(12))) / 100;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(process.pid()),
                                command)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        return said;
    }

    private Process coordinator(String... words) throws IOException {
        List<String> command =
                new ArrayList<>(
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

    private void awaitPort() throws Exception {
        long end = System.nanoTime() + START_NANOS;
        while (System.nanoTime() < end && process.isAlive()) {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (probe.isConnected()) {
                    return;
                }
            } catch (IOException notYet) {
                Thread.sleep(200);
            }
        }
        process.destroy();
        throw new IOException("the coordinator did not start; see the log");
    }

    @Override
    public void close() throws IOException {
        crowd.close();
        process.destroy();
        process.onExit().join();
    }
}
