// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.nio.file.Path;
import org.sparegrid.coordinator.store.PostgresCluster;
import org.sparegrid.coordinator.store.Store;

/// The same with its tables in PostgreSQL.
class OpenPortBonusPostgresIT extends OpenPortBonusTest {
    @Override
    Store store(Path folder) {
        return PostgresCluster.newDatabase();
    }
}
