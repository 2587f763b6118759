// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.desktop.FakeBus;

class BusSourceTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    private final AtomicLong nanos = new AtomicLong(1_000_000_000_000L);

    @Test
    void asksTheLoginManager() throws Exception {
        Path path = folder.resolve("bus");
        try (FakeBus bus = new FakeBus(path);
                BusSource source = BusSource.logind(path, nanos::get)) {
            bus.answer("NCurrentSessions", 0);
            assertThat(source.idle()).isEmpty();
            bus.answer("NCurrentSessions", 1);
            bus.answer("IdleHint", 0);
            assertThat(source.idle()).contains(Duration.ZERO);
            bus.answer("IdleHint", 1);
            bus.answer("IdleSinceHint", (System.currentTimeMillis() - 60_000) * 1000);
            nanos.addAndGet(2_000_000_000L);
            assertThat(source.idle().orElseThrow())
                    .isBetween(Duration.ofSeconds(59), Duration.ofSeconds(90));
        }
    }

    @Test
    void asksGnomeForTheLastInput() throws Exception {
        Path path = folder.resolve("bus");
        try (FakeBus bus = new FakeBus(path);
                BusSource source = BusSource.gnome(path, nanos::get)) {
            bus.answer("GetIdletime", 4321);
            assertThat(source.idle()).contains(Duration.ofMillis(4321));
            bus.answer("GetIdletime", 5);
            assertThat(source.idle()).contains(Duration.ofMillis(5));
        }
    }

    @Test
    void waitsBeforeItTriesABusAgainThatFailed() throws Exception {
        Path path = folder.resolve("bus");
        try (FakeBus bus = new FakeBus(path);
                BusSource source = BusSource.gnome(path, nanos::get)) {
            assertThatThrownBy(source::idle).isInstanceOf(IOException.class);
            bus.answer("GetIdletime", 5);
            assertThat(source.idle()).isEmpty();
            nanos.addAndGet(31_000_000_000L);
            assertThat(source.idle()).isPresent();
        }
    }
}
