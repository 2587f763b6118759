// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// A process with a market that lives until it is killed. Its one argument is the record's folder.
final class KilledMarket {
    private static final int STEPS = 40;

    private KilledMarket() {}

    public static void main(String[] arguments) throws InterruptedException {
        RecordFolder folder = new RecordFolder(Path.of(arguments[0]));
        try (MarketRecord record = MarketRecord.open(folder, 1 << 20, InstantSource.system())) {
            RecordedMarket market = new RecordedMarket(RandomGenerator.getDefault(), record);
            while (record.isOn()) {
                for (int i = 0; i < STEPS; i++) {
                    market.live();
                }
                record.tick(market);
                Thread.sleep(1);
            }
        }
    }
}
