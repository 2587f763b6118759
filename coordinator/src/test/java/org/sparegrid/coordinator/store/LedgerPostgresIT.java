// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The same books in PostgreSQL.
class LedgerPostgresIT extends LedgerTableTest {
    private final Store.Postgres server = PostgresCluster.newDatabase();

    @Override
    Store store() {
        return server;
    }

    @Override
    @Test
    void backsUpWhileInUse() {
        Path copy = Path.of("copy");
        assertThatThrownBy(() -> backUp(copy))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("pg_dump --format=custom --file=copy");
    }
}
