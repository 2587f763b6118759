// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

/// The same history in PostgreSQL.
class CrashPostgresIT extends CrashIT {
    private final Store.Postgres server = PostgresCluster.newDatabase();

    @Override
    Store store() {
        return server;
    }

    @Override
    int operations() {
        return Integer.getInteger("crash.operations", 150);
    }

    @Override
    int kills() {
        return Integer.getInteger("crash.kills", 4);
    }

    @Override
    String setting() {
        return "postgresql://%s@:%d/%s?host=%s"
                .formatted(server.user(), server.port(), server.database(), server.host());
    }
}
