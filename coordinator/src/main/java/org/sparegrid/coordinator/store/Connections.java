// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// The connections to a store: one that writes, some that read one moment's state.
final class Connections implements AutoCloseable {
    private static final int BUSY_MILLIS = 10_000;
    private static final int CACHE_KIBIBYTES = 16_384;

    /// How long a caller waits for a connection before the store counts as gone.
    private static final int PATIENCE_MILLIS = 10_000;

    private static final String LIBRARY_FOLDER = "org.sqlite.tmpdir";

    private final HikariDataSource writer;
    private final HikariDataSource readers;

    /// Connects, and brings the tables up to date.
    Connections(Store store, int readersMax) {
        try (HikariDataSource migration = new HikariDataSource(migration(store))) {
            migrate(migration);
        }
        writer = new HikariDataSource(writer(store, "writer", 1));
        try {
            readers = new HikariDataSource(readers(store, readersMax));
        } catch (RuntimeException failure) {
            writer.close();
            throw failure;
        }
    }

    DataSource writer() {
        return writer;
    }

    DataSource readers() {
        return readers;
    }

    @Override
    public void close() {
        readers.close();
        writer.close();
    }

    /// Flyway holds PostgreSQL's lock on one connection while it works on another.
    private static HikariConfig migration(Store store) {
        return switch (store) {
            case Store.Sqlite file -> writer(file, "migration", 1);
            case Store.Postgres server -> writer(server, "migration", 2);
        };
    }

    private static HikariConfig writer(Store store, String name, int connections) {
        HikariConfig config = pool(name, connections);
        switch (store) {
            case Store.Sqlite file ->
                    config.setDataSource(source(file, SQLiteConfig.TransactionMode.IMMEDIATE));
            case Store.Postgres server -> connect(config, server);
        }
        return config;
    }

    private static HikariConfig readers(Store store, int connections) {
        HikariConfig config = pool("readers", connections);
        switch (store) {
            case Store.Sqlite file ->
                    config.setDataSource(source(file, SQLiteConfig.TransactionMode.DEFERRED));
            case Store.Postgres server -> {
                connect(config, server);
                config.setReadOnly(true);
                config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
            }
        }
        return config;
    }

    private static HikariConfig pool(String name, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setMaxLifetime(0);
        config.setConnectionTimeout(PATIENCE_MILLIS);
        return config;
    }

    private static SQLiteDataSource source(Store.Sqlite store, SQLiteConfig.TransactionMode mode) {
        unpackBeside(store.file());
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(mode);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setCacheSize(-CACHE_KIBIBYTES);
        config.enforceForeignKeys(true);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + store.file().toAbsolutePath());
        return source;
    }

    /// SQLite's driver unpacks its library where the owner of the data clears it away: a process
    /// that is killed leaves it.
    private static void unpackBeside(Path file) {
        if (System.getProperty(LIBRARY_FOLDER) == null) {
            Path folder = file.toAbsolutePath().resolveSibling(Store.CACHE);
            try {
                Files.createDirectories(folder);
                System.setProperty(LIBRARY_FOLDER, folder.toString());
            } catch (IOException unwritable) {
                throw new UncheckedIOException("can't make " + folder, unwritable);
            }
        }
    }

    private static void connect(HikariConfig config, Store.Postgres server) {
        Properties properties = new Properties();
        properties.setProperty("user", server.user());
        if (!server.password().isEmpty()) {
            properties.setProperty("password", server.password());
        }
        properties.setProperty("ApplicationName", "sparegrid-coordinator");
        // A change is never acknowledged before it is on the server's disk. A process that is
        // frozen
        // within a transaction loses it, and with it the leader's row.
        properties.setProperty(
                "options", "-c synchronous_commit=on -c idle_in_transaction_session_timeout=3s");
        String place = server.host().contains(":") ? "[" + server.host() + "]" : server.host();
        if (server.isLocal()) {
            properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
            properties.setProperty("socketFactoryArg", server.socket());
            properties.setProperty("sslmode", "disable");
            properties.setProperty("gssEncMode", "disable");
            place = "localhost";
        }
        config.setJdbcUrl(
                "jdbc:postgresql://%s:%d/%s".formatted(place, server.port(), server.database()));
        config.setDataSourceProperties(properties);
    }

    private static void migrate(DataSource source) {
        Flyway.configure(Connections.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db")
                .load()
                .migrate();
    }
}
