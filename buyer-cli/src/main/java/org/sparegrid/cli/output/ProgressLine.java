// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.output;

import java.time.Duration;
import java.util.function.LongSupplier;

/// The progress of work in phases: a line that changes where a person looks on, else one line a
/// phase, written when the phase is over. Any thread may call.
public final class ProgressLine {
    private static final int BAR_CELLS = 24;
    private static final long REDRAW_NANOS = 100_000_000;

    private final Terminal terminal;
    private final LongSupplier nanoClock;
    private String phase = "";
    private long phaseStartNanos;
    private long doneBytes;
    private long totalBytes;
    private long drawnNanos;

    /// Progress on that terminal.
    ///
    /// @param nanoClock such as `System::nanoTime`
    public ProgressLine(Terminal terminal, LongSupplier nanoClock) {
        this.terminal = terminal;
        this.nanoClock = nanoClock;
    }

    /// Ends the phase before and begins another.
    public synchronized void phase(String name) {
        finish();
        phase = name;
        phaseStartNanos = nanoClock.getAsLong();
        doneBytes = 0;
        totalBytes = 0;
        drawnNanos = phaseStartNanos;
        if (terminal.interactive()) {
            terminal.err().print("\r\u001b[K" + name + " …");
            terminal.err().flush();
        }
    }

    /// Says how far the phase is.
    public synchronized void bytes(long done, long total) {
        doneBytes = done;
        totalBytes = total;
        long now = nanoClock.getAsLong();
        if (terminal.interactive() && now - drawnNanos >= REDRAW_NANOS) {
            drawnNanos = now;
            terminal.err().print("\r\u001b[K" + Plain.cut(bar(), terminal.width() - 1));
            terminal.err().flush();
        }
    }

    /// Ends the last phase.
    public synchronized void finish() {
        if (phase.isEmpty()) {
            return;
        }
        Duration took = Duration.ofNanos(nanoClock.getAsLong() - phaseStartNanos);
        String size = totalBytes > 0 ? "  " + Plain.bytes(doneBytes) : "";
        String line = String.format("%-40s %10s%s", phase, Plain.span(took), size);
        terminal.note((terminal.interactive() ? "\r\u001b[K" : "") + line);
        phase = "";
    }

    /// Takes the changing line away, as an error message will follow.
    public synchronized void abandon() {
        if (!phase.isEmpty() && terminal.interactive()) {
            terminal.err().print("\r\u001b[K");
            terminal.err().flush();
        }
        phase = "";
    }

    private String bar() {
        return phase + " " + bar(doneBytes, totalBytes);
    }

    /// A bar with the amounts behind it: `[####----] 50% 12 MB of 24 MB`.
    public static String bar(long done, long total) {
        long whole = Math.max(total, 1);
        int cells = (int) (BAR_CELLS * Math.min(done, whole) / whole);
        return "["
                + "#".repeat(cells)
                + "-".repeat(BAR_CELLS - cells)
                + "] "
                + String.format("%3d%%", 100 * Math.min(done, whole) / whole)
                + "  "
                + Plain.bytes(done)
                + " of "
                + Plain.bytes(total);
    }
}
