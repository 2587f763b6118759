// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// The interrupts of the PS/2 keyboard and touchpad, which anybody may count.
public final class Interrupts implements ActivitySource {
    private final Path table;
    private final LongSupplier nanoClock;
    private long count = -1;
    private long lastNanos;

    /// @param table `/proc/interrupts`
    public Interrupts(Path table, LongSupplier nanoClock) {
        this.table = table;
        this.nanoClock = nanoClock;
        this.lastNanos = nanoClock.getAsLong();
    }

    @Override
    public String name() {
        return "keyboard interrupts";
    }

    @Override
    public Optional<Duration> idle() throws IOException {
        long now = nanoClock.getAsLong();
        long seen = Files.isReadable(table) ? count(Files.readString(table)) : -1;
        if (seen < 0) {
            return Optional.empty();
        }
        if (seen != count && count >= 0) {
            lastNanos = now;
        }
        count = seen;
        return Optional.of(Duration.ofNanos(now - lastNanos));
    }

    @Override
    public void close() {}

    /// The sum over all processors, or -1 if there is no such device.
    static long count(String table) {
        long sum = -1;
        for (String line : table.split("\n", -1)) {
            if (line.contains("i8042")) {
                sum = Math.max(0, sum);
                for (String word : line.strip().split("\\s+", -1)) {
                    sum += word.matches("[0-9]{1,18}") ? Long.parseLong(word) : 0;
                }
            }
        }
        return sum;
    }
}
