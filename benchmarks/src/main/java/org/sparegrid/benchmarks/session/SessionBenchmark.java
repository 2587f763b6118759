// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Sessions of many agents on processes of the coordinator, each with as many.
///
/// Arguments: an empty folder, agents, coordinators, seconds between two heartbeats, seconds of
/// heartbeats that are measured.
public final class SessionBenchmark {
    private static final long WAIT_NANOS = TimeUnit.MINUTES.toNanos(20);
    private static final double HEAP_KILOBYTES_MAX = 24;

    private final List<Server> servers;
    private final long seconds;
    private int count;

    private SessionBenchmark(List<Server> servers, long seconds) {
        this.servers = servers;
        this.seconds = seconds;
        servers.forEach(server -> count += server.count());
    }

    public static void main(String[] args) throws Exception {
        int agents = Integer.parseInt(args[1]);
        int coordinators = Integer.parseInt(args[2]);
        List<Server> servers = new ArrayList<>();
        try {
            for (int i = 0; i < coordinators; i++) {
                Path folder = Files.createDirectory(Path.of(args[0]).resolve("" + i));
                servers.add(
                        new Server(
                                folder.resolve("home"),
                                agents / coordinators,
                                Integer.parseInt(args[3])));
            }
            new SessionBenchmark(servers, Long.parseLong(args[4])).run();
        } finally {
            for (Server server : servers) {
                server.close();
            }
        }
    }

    private void run() throws Exception {
        Server.Gauge idle = gauge();
        System.out.printf(
                Locale.ROOT,
                "%,d agents with keys of their own; %d coordinators alone: %s%n",
                count,
                servers.size(),
                idle);
        long start = System.nanoTime();
        boolean all = untilAllAreWelcome();
        double connectSeconds = (System.nanoTime() - start) / 1e9;
        Server.Gauge connected = gauge();
        System.out.printf(
                Locale.ROOT,
                "  %,d connected in %.1f s, %d tries failed; CPU of a coordinator for"
                        + " each %.2f ms%n",
                welcomed(),
                connectSeconds,
                failures(),
                1000 * (connected.before() - idle.after()) / count);
        Server.Gauge beating = beat();
        long failures = failures();
        servers.forEach(server -> server.crowd().cut());
        start = System.nanoTime();
        boolean again = untilAllAreWelcome();
        double stormSeconds = (System.nanoTime() - start) / 1e9;
        Server.Gauge after = gauge();
        System.out.printf(
                Locale.ROOT,
                "  all cut off at once: %,d back in %.1f s, %d tries failed, CPU for"
                        + " each %.2f ms; %s%n",
                welcomed(),
                stormSeconds,
                failures() - failures,
                1000 * (after.before() - beating.after()) / count,
                after);
        double heap = (beating.heapKilobytes() - idle.heapKilobytes()) / count;
        System.out.printf(
                Locale.ROOT,
                "  for each session %.1f kB of heap and %.1f kB resident%n",
                heap,
                (beating.residentKilobytes() - idle.residentKilobytes()) / count);
        goal("session-agents", "" + welcomed(), "" + count, all && again);
        goal(
                "session-heap-kilobytes",
                String.format(Locale.ROOT, "%.1f", heap),
                "<=%.0f".formatted(HEAP_KILOBYTES_MAX),
                heap <= HEAP_KILOBYTES_MAX);
    }

    private static void goal(String name, String measured, String target, boolean passed) {
        System.out.printf("goal %s %s %s %s%n", name, measured, target, passed ? "pass" : "fail");
    }

    private int welcomed() {
        return servers.stream().mapToInt(server -> server.crowd().welcomed()).sum();
    }

    private long failures() {
        return servers.stream().mapToLong(server -> server.crowd().failures()).sum();
    }

    private boolean untilAllAreWelcome() throws Exception {
        return !each(server -> () -> server.crowd().untilAllAreWelcome(WAIT_NANOS)).contains(false);
    }

    /// Lets heartbeats come and go for a while.
    private Server.Gauge beat() throws Exception {
        run(5);
        Server.Gauge before = gauge();
        run(seconds);
        Server.Gauge after = gauge();
        double spent = (after.before() - before.after()) / seconds;
        System.out.println(
                String.format(
                        Locale.ROOT,
                        "  heartbeats for %d s: %.3f of a core, %.1f us of CPU a second for each;"
                                + " %s",
                        seconds,
                        spent,
                        1e6 * spent / count,
                        after));
        return after;
    }

    private void run(long span) throws Exception {
        each(server ->
                () -> {
                    server.crowd().run(TimeUnit.SECONDS.toNanos(span));
                    return true;
                });
    }

    private Server.Gauge gauge() throws IOException, InterruptedException {
        Server.Gauge sum = new Server.Gauge(0, 0, 0, 0);
        for (Server server : servers) {
            sum = sum.plus(server.gauge());
        }
        return sum;
    }

    /// One of these for each server.
    private interface Work {
        Callable<Boolean> of(Server server);
    }

    /// Does something with all crowds at once, each on a thread of its own.
    private List<Boolean> each(Work work) throws Exception {
        try (var threads = Executors.newFixedThreadPool(servers.size())) {
            List<Boolean> results = new ArrayList<>();
            for (Future<Boolean> done :
                    threads.invokeAll(servers.stream().map(work::of).toList())) {
                results.add(done.get());
            }
            return results;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        }
    }
}
