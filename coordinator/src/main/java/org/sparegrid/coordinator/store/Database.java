// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import com.zaxxer.hikari.pool.HikariPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/// The tables of a coordinator, in either store.
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

    private final Store store;
    private final Connections connections;
    private final Consumer<Handle> fence;
    private final Jdbi writing;
    private final Jdbi reading;
    private final BlockingQueue<Change<?>> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final LongAdder commits = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder changes = new LongAdder();
    private final Thread writer;

    /// Opens the database, creates it if it isn't there and brings its tables up to date.
    public static Database open(Store store, int readersMax) throws IOException {
        if (store instanceof Store.Sqlite(Path file)) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        return open(store, readersMax, store instanceof Store.Postgres ? Database::alone : _ -> {});
    }

    /// Opens the database of a node that leads; it writes only as long as it does.
    public static Database open(Leadership leadership, int readersMax) throws IOException {
        return open(leadership.store(), readersMax, leadership::check);
    }

    private static Database open(Store store, int readersMax, Consumer<Handle> fence)
            throws IOException {
        try {
            return new Database(store, readersMax, fence);
        } catch (HikariPool.PoolInitializationException refused) {
            throw new IOException("store (setting store): " + refused.getMessage(), refused);
        }
    }

    /// Keeps the node that leads from writing meanwhile; SQLite has one writer at a time anyway.
    private static void alone(Handle handle) {
        handle.createQuery("select epoch from market_leader for update").mapTo(Long.class).list();
    }

    private Database(Store store, int readersMax, Consumer<Handle> fence) {
        this.store = store;
        this.fence = fence;
        this.connections = new Connections(store, readersMax);
        this.writing = Jdbi.create(connections.writer());
        this.reading = Jdbi.create(connections.readers());
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

    /// Changes that wait now.
    public int waiting() {
        return waiting.size();
    }

    /// Commits since the start.
    public long commits() {
        return commits.sum();
    }

    /// Commits since the start that failed, with all their changes.
    public long failedCommits() {
        return failures.sum();
    }

    /// Changes since the start, those included that were refused.
    public long changes() {
        return changes.sum();
    }

    /// Reads.
    public <T> T read(Work<T> work) {
        return reading.inTransaction(handle -> work.run(new Transaction(handle)));
    }

    /// Writes a copy of the database as it is now, while it is in use.
    ///
    /// @throws IOException if a server keeps the tables, as that has tools of its own
    public void backUp(Path file) throws IOException {
        if (store instanceof Store.Postgres server) {
            throw new IOException(
                    "PostgreSQL keeps this coordinator's tables; copy them with pg_dump"
                            + " --format=custom --file=%s --dbname=%s".formatted(file, server));
        }
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
        connections.close();
    }

    private void writeAll() {
        List<Change<?>> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(waiting.take());
                waiting.drainTo(batch, COMMIT_MAX - 1);
                commit(batch);
                batch.clear();
            }
        } catch (InterruptedException closing) {
            waiting.drainTo(batch);
            batch.forEach(Change::refuse);
        }
    }

    /// Commits what waits. The connection is taken anew, as a server may have been away since.
    private void commit(List<Change<?>> batch) {
        try (Handle handle = writing.open()) {
            handle.useTransaction(open -> {
                fence.accept(open);
                Transaction tx = new Transaction(open);
                batch.forEach(change -> change.run(open, tx));
            });
        } catch (RuntimeException failed) {
            LOGGER.log(System.Logger.Level.ERROR, () -> "database commit failed cause=" + failed);
            failures.increment();
            batch.forEach(change -> change.fail(failed));
            return;
        }
        commits.increment();
        changes.add(batch.size());
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
