// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.activity.ActivityMonitor;
import org.sparegrid.agent.activity.ActivitySource;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.owner.RunState;
import org.sparegrid.agent.owner.Verdict;
import org.sparegrid.agent.sensor.HostSensors;
import org.sparegrid.agent.status.OwnerCommand;

class OwnerWatchTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private final AtomicLong idleSeconds = new AtomicLong(1000);
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T08:00:00Z"));
    private final AtomicLong moved = new AtomicLong();
    private final AtomicBoolean empty = new AtomicBoolean();
    private final AtomicInteger looks = new AtomicInteger();

    private OwnerWatch watch(String toml) throws Exception {
        ActivitySource keyboard =
                new ActivitySource() {
                    @Override
                    public String name() {
                        return "keyboard";
                    }

                    @Override
                    public Optional<Duration> idle() {
                        return Optional.of(Duration.ofSeconds(idleSeconds.get()));
                    }

                    @Override
                    public void close() {}
                };
        return new OwnerWatch(
                SettingsFile.parse(toml, "test").owner(),
                new OwnerWatch.Eyes(
                        new ActivityMonitor(List.of(keyboard)),
                        () -> false,
                        new HostSensors(folder, folder, folder.resolve("bus"))),
                folder.resolve("owner.json"),
                now::get,
                this::guests);
    }

    private OwnerWatch.Guests guests() {
        looks.incrementAndGet();
        return empty.get()
                ? new OwnerWatch.Guests(List.of(), false, false, 0, moved.get())
                : new OwnerWatch.Guests(List.of(1L), false, true, 512, moved.get());
    }

    @Test
    void looksSeldomWithoutAGuestAndAtOnceWhenOneComes() throws Exception {
        LinkedBlockingQueue<Verdict> told = new LinkedBlockingQueue<>();
        empty.set(true);
        try (OwnerWatch watch = watch("mode = 'when-idle'")) {
            watch.look();
            watch.start(told::add);
            assertThat(told.poll(10, TimeUnit.SECONDS).state()).isEqualTo(RunState.RUN);
            TimeUnit.MILLISECONDS.sleep(3000);
            assertThat(looks.get()).as("looks within 3 s").isLessThan(6);
            idleSeconds.set(0);
            empty.set(false);
            watch.hurry();
            assertThat(told.poll(1, TimeUnit.SECONDS).state()).isEqualTo(RunState.FROZEN);
        }
    }

    @Test
    void remembersAPauseOverARestart() throws Exception {
        try (OwnerWatch watch = watch("")) {
            assertThat(watch.look().state()).isEqualTo(RunState.RUN);
            watch.obey(new OwnerCommand.Pause(3600));
            assertThat(watch.report().rule()).isEqualTo("pause");
        }
        now.set(now.get().plusSeconds(600));
        try (OwnerWatch watch = watch("")) {
            assertThat(watch.look().state()).isEqualTo(RunState.FROZEN);
            assertThat(watch.report().change()).startsWith("the pause ends in 50 min");
            watch.obey(new OwnerCommand.Resume());
            assertThat(watch.report().state()).isEqualTo("run");
        }
    }

    @Test
    void saysWhatABenchmarkWouldDisturb() throws Exception {
        try (OwnerWatch watch = watch("mode = 'always'\nidle-after = '1 min'")) {
            watch.look();
            assertThat(watch.busy()).isEmpty();
            assertThat(watch.lineIsFree()).isTrue();
            idleSeconds.set(3);
            watch.look();
            assertThat(watch.busy()).contains("somebody uses this computer (keyboard)");
            idleSeconds.set(1000);
            watch.obey(new OwnerCommand.Pause(60));
            assertThat(watch.busy()).hasValueSatisfying(why -> assertThat(why).contains("pause"));
        }
        try (OwnerWatch watch = watch("idle-send = '500 kbit/s'")) {
            watch.look();
            assertThat(watch.lineIsFree()).isFalse();
        }
    }

    @Test
    void onlyIdleOverridesTheMode() throws Exception {
        try (OwnerWatch watch = watch("mode = 'always'")) {
            idleSeconds.set(1);
            assertThat(watch.look().state()).isEqualTo(RunState.RUN);
            watch.obey(new OwnerCommand.OnlyIdle());
            assertThat(watch.report().rule()).isEqualTo("only-idle");
            assertThat(watch.report().mode()).isEqualTo("only-idle");
            assertThat(watch.report().inUse()).isTrue();
        }
    }

    @Test
    void countsWhatGuestsMoveEachDay() throws Exception {
        try (OwnerWatch watch = watch("daily-transfer = '1 MiB'")) {
            watch.look();
            moved.set((1 << 20) - 1);
            assertThat(watch.look().state()).isEqualTo(RunState.RUN);
            moved.addAndGet(1);
            assertThat(watch.look().rule()).isEqualTo("daily-transfer");
            now.set(now.get().plusSeconds(86_400));
            watch.look();
            assertThat(watch.report().transferredTodayBytes()).isZero();
        }
    }

    @Test
    void forgetsOrdersThatCannotBeRead() throws Exception {
        Files.writeString(folder.resolve("owner.json"), "{");
        try (OwnerWatch watch = watch("")) {
            assertThat(watch.look().state()).isEqualTo(RunState.RUN);
        }
    }

    @Test
    void tellsItsListenerOfEachChange() throws Exception {
        LinkedBlockingQueue<Verdict> told = new LinkedBlockingQueue<>();
        try (OwnerWatch watch = watch("mode = 'when-idle'")) {
            watch.look();
            watch.start(told::add);
            assertThat(told.poll(10, TimeUnit.SECONDS).state()).isEqualTo(RunState.RUN);
            idleSeconds.set(0);
            assertThat(told.poll(10, TimeUnit.SECONDS).state()).isEqualTo(RunState.FROZEN);
        }
    }
}
