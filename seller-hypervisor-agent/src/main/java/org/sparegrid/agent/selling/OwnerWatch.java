// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.activity.ActivityMonitor;
import org.sparegrid.agent.owner.Finding;
import org.sparegrid.agent.owner.Governor;
import org.sparegrid.agent.owner.OwnerOrder;
import org.sparegrid.agent.owner.OwnerRules;
import org.sparegrid.agent.owner.Presence;
import org.sparegrid.agent.owner.Situation;
import org.sparegrid.agent.owner.Verdict;
import org.sparegrid.agent.sensor.HostSensors;
import org.sparegrid.agent.status.OwnerCommand;
import org.sparegrid.agent.status.OwnerReport;

/// Looks at the computer and its owner all the time, and says what guests may do.
public final class OwnerWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OwnerWatch.class.getName());

    /// How often the owner is looked for while guests run, or are about to: a third of what an
    /// input may take.
    private static final long QUICK_MILLIS = 100;

    /// How often while guests stand still, and how old an opinion may be that somebody acts on.
    private static final long SLOW_MILLIS = 2000;

    /// How often while there is no guest whom anybody could notice. Whatever brings one calls
    /// [#hurry].
    private static final long IDLE_MILLIS = 10_000;

    /// How often sensors are read.
    private static final long SENSORS_MILLIS = 5000;

    /// How much other programs may do, of all processors, while a benchmark runs, unless the owner
    /// says it.
    private static final int OTHERS_PERCENT_MAX = 25;

    /// How often what guests moved is written down.
    private static final long SAVE_MILLIS = 60_000;

    private final OwnerRules rules;
    private final Eyes eyes;
    private final Path file;
    private final InstantSource clock;
    private final Supplier<Guests> guests;
    private final Thread thread;

    private Governor governor = Governor.FRESH;
    private OwnerMemory memory;
    private HostSensors.@Nullable Reading reading;
    private boolean fullScreen;
    private Presence presence = Presence.UNKNOWN;
    private long sensedMillis;
    private long lookedMillis;
    private long savedMillis;
    private long movedBefore = -1;
    private Consumer<Verdict> listener = _ -> {};
    private boolean closed;

    /// Reads what was written down before; nothing is watched yet.
    ///
    /// @param file where the owner's orders are kept
    OwnerWatch(OwnerRules rules, Eyes eyes, Path file, InstantSource clock, Supplier<Guests> guests)
            throws IOException {
        this.rules = rules;
        this.eyes = eyes;
        this.file = file;
        this.clock = clock;
        this.guests = guests;
        this.memory = OwnerMemory.load(file);
        this.thread = Thread.ofPlatform().name("owner").daemon().unstarted(this::work);
    }

    /// All that looks.
    ///
    /// @param activity at the owner
    /// @param fullScreen at the screens
    /// @param sensors at the computer
    public record Eyes(ActivityMonitor activity, BooleanSupplier fullScreen, HostSensors sensors) {}

    /// What guests take.
    ///
    /// @param processes their QEMUs
    /// @param coming whether one is about to have a QEMU
    /// @param present whether one is here, in any stage
    /// @param memoryMebibytes their memory, parked ones' too
    /// @param movedBytes what they sent and received since the agent started; never less
    record Guests(
            List<Long> processes,
            boolean coming,
            boolean present,
            long memoryMebibytes,
            long movedBytes) {}

    /// Watches from now on.
    ///
    /// @param changed is told each new verdict, on the watching thread
    void start(Consumer<Verdict> changed) {
        synchronized (this) {
            listener = changed;
            changed.accept(governor.verdict());
        }
        thread.start();
    }

    /// Looks once and returns the verdict.
    synchronized Verdict look() {
        long now = System.nanoTime() / 1_000_000;
        lookedMillis = now;
        Guests taken = guests.get();
        if (reading == null || now - sensedMillis >= SENSORS_MILLIS) {
            sensedMillis = now;
            reading = eyes.sensors().read(rules, taken.processes());
            fullScreen = rules.fullScreenFreezes() && eyes.fullScreen().getAsBoolean();
        }
        presence = eyes.activity().presence();
        Instant wall = clock.instant();
        LocalDateTime local = LocalDateTime.ofInstant(wall, ZoneId.systemDefault());
        count(taken, local, now);
        Verdict before = governor.verdict();
        governor =
                governor.after(
                        rules,
                        memory.order(),
                        new Situation(
                                now,
                                wall.toEpochMilli(),
                                local,
                                presence,
                                reading.power().onBattery(),
                                reading.power().percent(),
                                reading.celsius(),
                                reading.othersCpuPercent(),
                                reading.pressurePercent(),
                                reading.exclusive(),
                                reading.metered(),
                                fullScreen,
                                memory.transferredBytes(),
                                memoryPercent(taken, reading.memoryKibibytes())));
        told(before, governor.verdict());
        return governor.verdict();
    }

    /// Looks, unless that was just done, and from now on as often as what is here needs it.
    synchronized void hurry() {
        if (System.nanoTime() / 1_000_000 - lookedMillis >= SLOW_MILLIS) {
            look();
        }
        notifyAll();
    }

    /// What a benchmark would disturb, or be disturbed by, now.
    synchronized Optional<String> busy() {
        hurry();
        Verdict verdict = governor.verdict();
        if (verdict.state().standsStill()) {
            return Optional.of(verdict.why());
        }
        if (presence.known() && presence.idle().compareTo(rules.idleAfter()) < 0) {
            return Optional.of("somebody uses this computer (" + presence.source() + ")");
        }
        int others = reading == null ? 0 : reading.othersCpuPercent();
        int most =
                rules.othersCpuPercentMax() > 0 ? rules.othersCpuPercentMax() : OTHERS_PERCENT_MAX;
        return others > most
                ? Optional.of("other programs use " + others + " % of the processors")
                : Optional.empty();
    }

    /// Whether the owner holds the network back by no limit.
    synchronized boolean lineIsFree() {
        return governor.verdict().limits().receiveBitsPerSecond() == 0
                && governor.verdict().limits().sendBitsPerSecond() == 0
                && rules.dailyTransferBytes() == 0;
    }

    /// Does what the owner says, and looks at once.
    synchronized void obey(OwnerCommand command) throws IOException {
        OwnerOrder order =
                switch (command) {
                    case OwnerCommand.Report _, OwnerCommand.DropVolume _ -> memory.order();
                    case OwnerCommand.Pause pause ->
                            new OwnerOrder(
                                    pause.seconds() == 0
                                            ? Long.MAX_VALUE
                                            : clock.millis() + pause.seconds() * 1000,
                                    memory.order().onlyIdle());
                    case OwnerCommand.Resume _ -> OwnerOrder.NONE;
                    case OwnerCommand.OnlyIdle _ -> new OwnerOrder(0, true);
                };
        if (!order.equals(memory.order())) {
            memory = new OwnerMemory(order, memory.day(), memory.transferredBytes());
            memory.save(file);
            look();
        }
    }

    /// How things stand, for the owner.
    synchronized OwnerReport report() {
        hurry();
        Verdict verdict = governor.verdict();
        String mode = memory.order().onlyIdle() ? "only-idle" : text(rules.mode());
        return new OwnerReport(
                mode,
                text(verdict.state()),
                verdict.cpuPercent(),
                verdict.rule(),
                verdict.why(),
                verdict.change(),
                verdict.others().stream().map(OwnerWatch::text).toList(),
                presence.known() && presence.idle().compareTo(rules.idleAfter()) < 0,
                presence.known() ? presence.idle().toSeconds() : -1,
                presence.source(),
                memory.transferredBytes());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            if (thread.isAlive()) {
                thread.join();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        eyes.activity().close();
    }

    private synchronized void work() {
        try {
            while (!closed) {
                look();
                wait(pauseMillis(governor.verdict(), guests.get()));
            }
            memory.save(file);
        } catch (InterruptedException | IOException stopped) {
            LOG.log(System.Logger.Level.WARNING, () -> "owner not watched cause=" + stopped);
        }
    }

    private static long pauseMillis(Verdict verdict, Guests here) {
        boolean noticed = !here.processes().isEmpty() || here.coming();
        if (noticed && !verdict.state().standsStill()) {
            return QUICK_MILLIS;
        }
        return noticed || here.present() ? SLOW_MILLIS : IDLE_MILLIS;
    }

    private void told(Verdict before, Verdict now) {
        boolean changed =
                before.state() != now.state()
                        || before.cpuPercent() != now.cpuPercent()
                        || !before.limits().equals(now.limits());
        if (changed) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () ->
                            "guests may "
                                    + text(now.state())
                                    + " cpuPercent="
                                    + now.cpuPercent()
                                    + " rule="
                                    + now.rule()
                                    + " cause="
                                    + now.why());
            listener.accept(now);
        }
    }

    private void count(Guests taken, LocalDateTime local, long nowMillis) {
        String day = local.toLocalDate().toString();
        long moved = movedBefore < 0 ? 0 : Math.max(0, taken.movedBytes() - movedBefore);
        movedBefore = taken.movedBytes();
        long base = day.equals(memory.day()) ? memory.transferredBytes() : 0;
        memory = new OwnerMemory(memory.order(), day, base + moved);
        if (nowMillis - savedMillis >= SAVE_MILLIS && moved > 0) {
            savedMillis = nowMillis;
            try {
                memory.save(file);
            } catch (IOException full) {
                LOG.log(System.Logger.Level.WARNING, () -> "orders not written cause=" + full);
            }
        }
    }

    private static int memoryPercent(Guests taken, long memoryKibibytes) {
        return (int) Math.min(100, taken.memoryMebibytes() * 1024 * 100 / memoryKibibytes);
    }

    private static String text(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String text(Finding finding) {
        return finding.rule() + ": " + finding.why();
    }
}
