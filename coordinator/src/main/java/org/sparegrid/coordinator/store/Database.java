// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// The database in one file.
///
/// All changes are made by one thread, which takes what waits and commits it together; each change
/// is all or nothing by itself. [#write] returns once its change is on disk. Reads see one moment's
/// state and don't wait for writes.
public final class Database implements AutoCloseable {
    /// Work on the database. It may be run on the database's own thread, so it must not wait.
    ///
    /// @param <T> what it finds
    @FunctionalInterface
    public interface Work<T> {
        /// Does it.
        T run(Transaction tx);
    }

    private static final System.Logger LOGGER = System.getLogger(Database.class.getName());

    /// Changes that wait; a caller beyond that waits to be let in.
    private static final int WAITING_MAX = 10_000;

    /// Changes in one commit, so that the first doesn't wait long for the last.
    private static final int COMMIT_MAX = 500;

    private static final int BUSY_MILLIS = 10_000;
    private static final int CACHE_KIBIBYTES = 16_384;

    private final HikariDataSource writers;
    private final HikariDataSource readers;
    private final Jdbi writing;
    private final Jdbi reading;
    private final BlockingQueue<Change<?>> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final Thread writer;

    /// Opens the database, creates it if it isn't there and brings its tables up to date.
    public static Database open(Path file, int readersMax) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        return new Database(file, readersMax);
    }

    private Database(Path file, int readersMax) {
        this.writers = pool("writer", source(file, SQLiteConfig.TransactionMode.IMMEDIATE), 1);
        migrate(writers);
        this.readers =
                pool("readers", source(file, SQLiteConfig.TransactionMode.DEFERRED), readersMax);
        this.writing = Jdbi.create(writers);
        this.reading = Jdbi.create(readers);
        this.writer = Thread.ofPlatform().name("database-writer").start(this::writeAll);
    }

    /// Changes the database and returns once the change is durable.
    ///
    /// What the work throws undoes its change and is thrown here.
    public <T> T write(Work<T> work) {
        Change<T> change = new Change<>(work);
        try {
            waiting.put(change);
            if (!writer.isAlive()) {
                throw new IllegalStateException("the database is closed");
            }
            return change.result.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting to write", interrupted);
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /// Reads.
    public <T> T read(Work<T> work) {
        return reading.inTransaction(handle -> work.run(new Transaction(handle)));
    }

    /// Writes a copy of the database as it is now, while it is in use.
    public void backUp(Path file) {
        reading.useHandle(handle ->
                handle.createUpdate("vacuum into :file").bind("file", file.toString()).execute());
    }

    @Override
    public void close() {
        writer.interrupt();
        try {
            writer.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        readers.close();
        writers.close();
    }

    private static SQLiteDataSource source(Path file, SQLiteConfig.TransactionMode mode) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(mode);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setCacheSize(-CACHE_KIBIBYTES);
        config.enforceForeignKeys(true);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
        return source;
    }

    private static HikariDataSource pool(String name, DataSource source, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setMaxLifetime(0);
        return new HikariDataSource(config);
    }

    private static void migrate(DataSource source) {
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(source)
                .locations("classpath:db")
                .load()
                .migrate();
    }

    private void writeAll() {
        List<Change<?>> batch = new ArrayList<>();
        try (Handle handle = writing.open()) {
            while (true) {
                batch.add(waiting.take());
                waiting.drainTo(batch, COMMIT_MAX - 1);
                commit(handle, batch);
                batch.clear();
            }
        } catch (InterruptedException closing) {
            waiting.drainTo(batch);
            batch.forEach(Change::refuse);
        }
    }

    private static void commit(Handle handle, List<Change<?>> batch) {
        try {
            handle.begin();
            Transaction tx = new Transaction(handle);
            batch.forEach(change -> change.run(handle, tx));
            handle.commit();
        } catch (RuntimeException failed) {
            LOGGER.log(System.Logger.Level.ERROR, () -> "database commit failed cause=" + failed);
            batch.forEach(change -> change.fail(failed));
            if (handle.isInTransaction()) {
                handle.rollback();
            }
            return;
        }
        batch.forEach(Change::finish);
    }

    private static final class Change<T> {
        private static final String SAVEPOINT = "change";

        private final Work<T> work;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private @Nullable Runnable finish;

        Change(Work<T> work) {
            this.work = work;
        }

        void run(Handle handle, Transaction tx) {
            handle.savepoint(SAVEPOINT);
            try {
                T found = work.run(tx);
                handle.releaseSavepoint(SAVEPOINT);
                finish = () -> result.complete(found);
            } catch (RuntimeException refused) {
                // JDBI forgets a savepoint when it goes back to it, so there is nothing to release.
                handle.rollbackToSavepoint(SAVEPOINT);
                finish = () -> result.completeExceptionally(refused);
            }
        }

        void finish() {
            if (finish != null) {
                finish.run();
            }
        }

        void fail(RuntimeException cause) {
            result.completeExceptionally(cause);
        }

        void refuse() {
            fail(new IllegalStateException("the database is closed"));
        }
    }
}
