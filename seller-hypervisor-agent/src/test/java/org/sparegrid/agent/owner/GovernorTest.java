// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.owner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.sparegrid.testsupport.Property;

class GovernorTest {
    private static final Duration TICK = Duration.ofMillis(100);

    private final Scene scene = new Scene();

    @Test
    void runsWhileNothingHoldsGuestsBack() {
        Governor running = scene.first();

        assertThat(running.verdict().state()).isEqualTo(RunState.RUN);
        assertThat(running.verdict().rule()).isEqualTo("none");
        assertThat(running.welcomesGuests()).isTrue();
    }

    /// Each rule alone freezes a running guest at once, is named, and says what would change it.
    @Test
    void namesTheRuleInForce() {
        Map<String, Consumer<Scene>> causes =
                Map.ofEntries(
                        Map.entry("mode", s -> s.touched(Duration.ZERO)),
                        Map.entry("pause", s -> s.order = new OwnerOrder(Long.MAX_VALUE, false)),
                        Map.entry("hours", s -> s.hours = WeeklyHours.of(List.of("tue 1:00-2:00"))),
                        Map.entry(
                                "network-hours",
                                s -> s.networkHours = WeeklyHours.of(List.of("tue 1:00-2:00"))),
                        Map.entry("full-screen", s -> s.fullScreen = true),
                        Map.entry("exclusive", s -> s.exclusive = Optional.of("blender")),
                        Map.entry("on-battery", s -> s.onBattery = true),
                        Map.entry("temperature-max", s -> s.celsius = 90),
                        Map.entry("others-cpu-max", s -> s.othersCpuPercent = 51),
                        Map.entry("pressure-max", s -> s.pressurePercent = 21),
                        Map.entry("on-metered", s -> s.metered = true),
                        Map.entry(
                                "battery-min",
                                s -> {
                                    s.allowBattery = true;
                                    s.onBattery = true;
                                    s.batteryPercent = 39;
                                }),
                        Map.entry(
                                "daily-transfer",
                                s -> {
                                    s.dailyTransferBytes = 100;
                                    s.transferredBytes = 100;
                                }),
                        Map.entry(
                                "in-use-cpu",
                                s -> {
                                    s.mode = Mode.ALWAYS;
                                    s.inUse = new Limits(0, 100, 0, 0, 0);
                                    s.touched(Duration.ZERO);
                                }),
                        Map.entry(
                                "only-idle",
                                s -> {
                                    s.mode = Mode.ALWAYS;
                                    s.order = new OwnerOrder(0, true);
                                    s.touched(Duration.ZERO);
                                }));
        causes.forEach((rule, cause) -> {
            Scene one = new Scene();
            Governor running = one.first();
            assertThat(running.verdict().state()).as(rule).isEqualTo(RunState.RUN);
            cause.accept(one);
            Verdict verdict = one.after(running, TICK).verdict();
            assertThat(verdict.state()).as(rule).isEqualTo(RunState.FROZEN);
            assertThat(verdict.rule()).isEqualTo(rule);
            assertThat(verdict.why()).as(rule).isNotBlank();
            assertThat(verdict.change()).as(rule).isNotBlank();
        });
    }

    @Test
    void waitsOutTheGraceBeforeGuestsGoOn() {
        scene.celsius = 95;
        Governor hot = scene.first();
        scene.celsius = 40;
        Governor waiting = scene.after(hot, TICK);

        assertThat(waiting.verdict().state()).isEqualTo(RunState.FROZEN);
        assertThat(waiting.verdict().change()).isEqualTo("it is over; guests go on in 30 s");
        Governor still = scene.after(waiting, Duration.ofSeconds(29));
        assertThat(still.verdict().state()).isEqualTo(RunState.FROZEN);
        assertThat(scene.after(still, Duration.ofSeconds(1)).verdict().state())
                .isEqualTo(RunState.RUN);
    }

    @Test
    void beginsTheGraceAnewWhenTheCauseComesBack() {
        scene.exclusive = Optional.of("blender");
        Governor governor = scene.first();
        scene.exclusive = Optional.empty();
        governor = scene.after(governor, Duration.ofSeconds(1));
        scene.exclusive = Optional.of("blender");
        governor = scene.after(governor, Duration.ofSeconds(20));
        scene.exclusive = Optional.empty();
        governor = scene.after(governor, Duration.ofSeconds(20));
        governor = scene.after(governor, Duration.ofSeconds(20));

        assertThat(governor.verdict().state()).isEqualTo(RunState.FROZEN);
    }

    @Test
    void needsToCoolDownWellBelowTheLimit() {
        scene.celsius = 90;
        Governor hot = scene.first();
        scene.celsius = 86;
        hot = scene.after(hot, Duration.ofMinutes(5));
        assertThat(hot.verdict().rule()).isEqualTo("temperature-max");
        scene.celsius = 84;
        hot = scene.after(hot, TICK);
        assertThat(scene.after(hot, Duration.ofSeconds(31)).verdict().state())
                .isEqualTo(RunState.RUN);
    }

    @Test
    void obeysResumeAtOnce() {
        scene.order = new OwnerOrder(Long.MAX_VALUE, false);
        Governor paused = scene.first();
        scene.order = OwnerOrder.NONE;

        assertThat(scene.after(paused, TICK).verdict().state()).isEqualTo(RunState.RUN);
    }

    @Test
    void endsAPauseByItself() {
        scene.order = new OwnerOrder(scene.situation().epochMillis() + 3_600_000, false);
        Governor paused = scene.first();
        assertThat(paused.verdict().change())
                .isEqualTo("the pause ends in 1 h, or run: sparegrid-agent resume");

        assertThat(scene.after(paused, Duration.ofMinutes(61)).verdict().state())
                .isEqualTo(RunState.RUN);
    }

    @Test
    void goesOnAsSoonAsTheOwnerWasAwayLongEnough() {
        scene.touched(Duration.ofSeconds(100));
        Governor frozen = scene.first();
        assertThat(frozen.verdict().change()).isEqualTo("no input for 1 min 20 s");
        scene.touched(Duration.ofMinutes(3));

        assertThat(scene.after(frozen, TICK).verdict().state()).isEqualTo(RunState.RUN);
    }

    @Test
    void throttlesWhileInUseIfTheOwnerAllowsSome() {
        scene.mode = Mode.ALWAYS;
        scene.inUse = new Limits(25, 100, 1_000_000, 0, 0);
        scene.touched(Duration.ZERO);
        Verdict verdict = scene.first().verdict();

        assertThat(verdict.state()).isEqualTo(RunState.THROTTLED);
        assertThat(verdict.cpuPercent()).isEqualTo(25);
        assertThat(verdict.limits().receiveBitsPerSecond()).isEqualTo(1_000_000);
        scene.touched(Duration.ofMinutes(4));
        assertThat(scene.first().verdict()).isEqualTo(Verdict.run(Limits.NONE));
    }

    @Test
    void parksWhatStoodStillForLongAndEndsItMuchLater() {
        scene.touched(Duration.ZERO);
        Governor governor = scene.first();
        governor = scene.after(governor, Duration.ofMinutes(9));
        assertThat(governor.verdict().state()).isEqualTo(RunState.FROZEN);
        governor = scene.after(governor, Duration.ofMinutes(1));
        assertThat(governor.verdict().state()).isEqualTo(RunState.PARKED);
        governor = scene.after(governor, Duration.ofHours(24));
        assertThat(governor.verdict().state()).isEqualTo(RunState.STOPPED);
    }

    @Test
    void parksAtOnceWhenGuestsTakeTooMuchMemoryInUse() {
        scene.mode = Mode.ALWAYS;
        scene.inUse = new Limits(50, 30, 0, 0, 0);
        scene.guestMemoryPercent = 31;
        scene.touched(Duration.ZERO);

        Verdict verdict = scene.first().verdict();
        assertThat(verdict.state()).isEqualTo(RunState.PARKED);
        assertThat(verdict.rule()).isEqualTo("in-use-memory");
        assertThat(verdict.others()).extracting(Finding::rule).containsExactly("in-use-cpu");
    }

    @Test
    void auto_isWhenIdleOnADesktopAndAlwaysElsewhere() {
        scene.mode = Mode.AUTO;
        scene.touched(Duration.ZERO);
        assertThat(scene.first().verdict().rule()).isEqualTo("mode");
        scene.presence = new Presence(true, false, Duration.ZERO, "terminals");
        assertThat(scene.first().verdict().state()).isEqualTo(RunState.RUN);
    }

    @Test
    void doesNotRunWhenIdleIfNothingCanTell() {
        scene.presence = Presence.UNKNOWN;

        assertThat(scene.first().verdict().why()).contains("nothing here can tell");
    }

    /// However the owner and the sensors behave, guests never run while something holds them back,
    /// and after heat never within the grace.
    @Test
    void neverRunsAgainstARuleAndNeverFlaps() {
        Property.holds(
                300,
                random -> {
                    Scene any = new Scene();
                    any.mode = Mode.ALWAYS;
                    Governor governor = any.first();
                    long hotAt = Long.MIN_VALUE;
                    for (int step = 0; step < 60; step++) {
                        boolean hot = random.nextInt(4) == 0;
                        any.celsius = hot ? 95 : 40;
                        governor = any.after(governor, Duration.ofSeconds(random.nextInt(20)));
                        hotAt = hot ? any.nowMillis : hotAt;
                        boolean soon = hotAt != Long.MIN_VALUE && any.nowMillis - hotAt < 30_000;
                        if (hot || soon) {
                            assertThat(governor.welcomesGuests()).isFalse();
                        }
                    }
                });
    }
}
