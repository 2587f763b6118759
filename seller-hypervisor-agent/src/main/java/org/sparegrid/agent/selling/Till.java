// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sparegrid.agent.energy.Earnings;
import org.sparegrid.agent.energy.Tariff;
import org.sparegrid.agent.lease.LeaseRecord;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.status.MoneyReport;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Reckons what guests earn and cost, and what must be asked for them. Any thread may call.
final class Till {
    private static final System.Logger LOG = System.getLogger(Till.class.getName());

    /// How often leases are looked at, in milliseconds.
    private static final long LOOK_MILLIS = 5000;

    private final Path file;
    private final Tariff tariff;
    private final Credits price;
    private Earnings earnings;
    private Earnings written;
    private Credits askNow;
    private long lookedMillis = Long.MIN_VALUE / 2;

    /// Goes on from what was written down.
    ///
    /// @param file where the sums are kept
    /// @param price what the owner wants for an hour at least
    Till(Path file, Tariff tariff, Credits price) throws IOException {
        this.file = file;
        this.tariff = tariff;
        this.price = price;
        this.earnings = load(file);
        this.written = earnings;
        this.askNow = price;
    }

    /// What to ask at this moment: the owner's price, and never less than the energy costs.
    Credits ask(LocalDateTime moment) {
        Credits floor = tariff.floorAt(moment);
        return floor.compareTo(price) > 0 ? floor : price;
    }

    /// Looks at the leases now and then, and writes the sums down when they changed.
    synchronized void look(List<LeaseRecord> leases, LocalDateTime moment, long nowMillis) {
        askNow = ask(moment);
        if (nowMillis - lookedMillis < LOOK_MILLIS) {
            return;
        }
        lookedMillis = nowMillis;
        Map<String, Earnings.Reading> readings = new HashMap<>();
        for (LeaseRecord lease : leases) {
            readings.put(
                    lease.id().value(),
                    new Earnings.Reading(
                            lease.usage().runMillis(),
                            lease.usage().cpuNanos(),
                            lease.offer().size().cpus()));
        }
        earnings = earnings.after(readings, askNow, tariff, moment);
        if (!earnings.equals(written)) {
            write();
        }
    }

    /// The sums, for the owner.
    synchronized MoneyReport report() {
        return new MoneyReport(
                earnings.gross(), earnings.energy(), earnings.net(), tariff.watts() > 0, askNow);
    }

    private void write() {
        try {
            AtomicFile.write(file, Format.JSON.write(earnings));
            written = earnings;
        } catch (IOException full) {
            LOG.log(System.Logger.Level.WARNING, () -> "earnings not written cause=" + full);
        }
    }

    private static Earnings load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Earnings.NONE;
        }
        try {
            return Format.JSON.read(Files.readAllBytes(file), Earnings.class);
        } catch (MessageFormatException damaged) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "earnings are counted anew file=" + file + " cause=" + damaged);
            return Earnings.NONE;
        }
    }
}
