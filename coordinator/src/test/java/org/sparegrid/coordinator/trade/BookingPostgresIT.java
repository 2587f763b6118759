// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.io.IOException;
import java.nio.file.Path;
import org.sparegrid.coordinator.store.PostgresCluster;

/// The same with its tables in PostgreSQL.
class BookingPostgresIT extends BookingTest {
    @Override
    MarketFixture open(Path folder) throws IOException {
        return new MarketFixture(folder, PostgresCluster.newDatabase());
    }
}
