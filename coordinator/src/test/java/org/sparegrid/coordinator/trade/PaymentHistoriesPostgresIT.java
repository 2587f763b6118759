// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.nio.file.Path;
import org.sparegrid.coordinator.store.PostgresCluster;
import org.sparegrid.coordinator.store.Store;

/// The same payments with the coordinator's tables in PostgreSQL.
class PaymentHistoriesPostgresIT extends PaymentHistoriesTest {
    @Override
    Store store(Path of) {
        return PostgresCluster.newDatabase();
    }
}
