// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.process.ProcessId;

/// Holds processes to a part of the processors' time by stopping them whenever they had more. It
/// needs no right but that of the process's owner, and works where control groups are not ours.
///
/// One thread does the work while there is any; all others only say what they want.
final class ProcessorQuota implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ProcessorQuota.class.getName());

    /// How often the time used is read; a stopped guest answers that much later.
    private static final long TICK_MILLIS = 10;

    /// What a process may have saved up after a rest, in milliseconds of its quota.
    private static final double SAVED_MILLIS_MAX = 50;

    /// Clock ticks a second in /proc, fixed for x86. Source: time(7), sysconf(_SC_CLK_TCK).
    private static final long TICKS_SECOND = 100;

    private final Map<ProcessId, Share> shares = new HashMap<>();
    private @Nullable Thread thread;

    /// One process's quota.
    private static final class Share {
        private final double processors;
        private double allowedMillis;
        private boolean stopped;

        Share(double processors, double usedMillis) {
            this.processors = processors;
            this.allowedMillis = usedMillis;
        }
    }

    /// Holds a process to so many percent of `processors` processors; 100 lets it go.
    synchronized void limit(ProcessId process, int processors, int percent) throws IOException {
        forget(process);
        if (percent < 100 && process.isAlive()) {
            shares.put(process, new Share(processors * percent / 100.0, usedMillis(process)));
            if (thread == null) {
                thread = Thread.ofPlatform().name("processor-quota").daemon().start(this::work);
            }
        }
    }

    /// Lets a process go.
    synchronized void forget(ProcessId process) throws IOException {
        shares.remove(process);
        Signals.proceed(process);
    }

    @Override
    public synchronized void close() {
        for (Map.Entry<ProcessId, Share> each : shares.entrySet()) {
            proceed(each.getKey());
        }
        shares.clear();
    }

    private void work() {
        long last = System.nanoTime();
        try {
            while (true) {
                Thread.sleep(TICK_MILLIS);
                long now = System.nanoTime();
                if (!tick((now - last) / 1e6)) {
                    return;
                }
                last = now;
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean tick(double passedMillis) {
        shares.entrySet().removeIf(each -> !balance(each.getKey(), each.getValue(), passedMillis));
        if (shares.isEmpty()) {
            thread = null;
            return false;
        }
        return true;
    }

    /// Stops the process or lets it go on; false if it is gone.
    private static boolean balance(ProcessId process, Share share, double passedMillis) {
        try {
            double used = usedMillis(process);
            share.allowedMillis =
                    Math.min(
                            share.allowedMillis + passedMillis * share.processors,
                            used + SAVED_MILLIS_MAX * share.processors);
            boolean stop = used > share.allowedMillis;
            if (stop && !share.stopped) {
                Signals.stop(process);
            } else if (!stop && share.stopped) {
                Signals.proceed(process);
            }
            share.stopped = stop;
            return true;
        } catch (IOException gone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "quota over process=" + process.pid());
            return false;
        }
    }

    private static void proceed(ProcessId process) {
        try {
            Signals.proceed(process);
        } catch (IOException gone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "process gone process=" + process.pid());
        }
    }

    private static double usedMillis(ProcessId process) throws IOException {
        String stat =
                Files.readString(
                        Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 1000.0 / TICKS_SECOND;
    }
}
