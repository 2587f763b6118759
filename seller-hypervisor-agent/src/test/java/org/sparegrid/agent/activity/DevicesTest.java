// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    @TempDir private Path folder = Path.of("/nonexistent");

    private final AtomicLong nanos = new AtomicLong(1_000_000_000_000L);

    private void terminal(String name, long secondsAgo) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, "");
        FileTime at = FileTime.from(NOW.minusSeconds(secondsAgo));
        Files.getFileAttributeView(file, java.nio.file.attribute.BasicFileAttributeView.class)
                .setTimes(at, at, at);
    }

    @Test
    void takesTheTerminalThatWasReadLast() throws Exception {
        try (Terminals terminals = new Terminals(folder, InstantSource.fixed(NOW))) {
            assertThat(terminals.idle()).isEmpty();
            terminal("tty1", 500);
            terminal("pts/3", 20);
            terminal("pts/ptmx", 1);
            terminal("ttyS0", 1);

            assertThat(terminals.idle()).contains(Duration.ofSeconds(20));
        }
    }

    @Test
    void aTerminalReadInTheFutureIsReadNow() throws Exception {
        terminal("tty1", -10);
        try (Terminals terminals = new Terminals(folder, InstantSource.fixed(NOW))) {
            assertThat(terminals.idle()).contains(Duration.ZERO);
        }
    }

    @Test
    void countsKeyboardInterruptsOnly() {
        String table =
                """
                           CPU0       CPU1
                  1:         10         20   IO-APIC   1-edge      i8042
                  8:          1          0   IO-APIC   8-edge      rtc0
                 12:          5          5   IO-APIC  12-edge      i8042
                """;
        assertThat(Interrupts.count(table)).isEqualTo(40);
        assertThat(Interrupts.count("  8:  1  0  IO-APIC  8-edge  rtc0")).isEqualTo(-1);
    }

    @Test
    void seesThatInterruptsCameIn() throws Exception {
        Path table = folder.resolve("interrupts");
        try (Interrupts source = new Interrupts(table, nanos::get)) {
            assertThat(source.idle()).isEmpty();
            Files.writeString(table, " 1:  7  i8042\n");
            nanos.addAndGet(5_000_000_000L);
            assertThat(source.idle()).contains(Duration.ofSeconds(5));
            Files.writeString(table, " 1:  8  i8042\n");
            nanos.addAndGet(5_000_000_000L);
            assertThat(source.idle()).contains(Duration.ZERO);
        }
    }

    /// A FIFO is a device to whoever reads it.
    @Test
    void noticesEventsOfAnInputDevice() throws Exception {
        Path device = folder.resolve("event0");
        assertThat(new ProcessBuilder("mkfifo", device.toString()).start().waitFor()).isZero();
        try (InputDevices source = new InputDevices(folder, nanos::get);
                var keyboard = new java.io.RandomAccessFile(device.toFile(), "rw")) {
            assertThat(source.idle()).contains(Duration.ZERO);
            nanos.addAndGet(60_000_000_000L);
            assertThat(source.idle()).contains(Duration.ofSeconds(60));
            keyboard.write(new byte[24]);
            while (source.idle().orElseThrow().isPositive()) {
                Thread.onSpinWait();
            }
            assertThat(source.idle()).contains(Duration.ZERO);
        }
    }

    @Test
    void hasNoSayWithoutDevices() throws Exception {
        try (InputDevices source = new InputDevices(folder, nanos::get)) {
            assertThat(source.idle()).isEmpty();
        }
    }
}
