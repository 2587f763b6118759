// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import com.zaxxer.hikari.pool.HikariPool;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/// Which of the nodes on one PostgreSQL leads: the one that holds the row `market_leader` and
/// renews it. Every commit of the leader's [Database] locks that row and finds its own epoch in it,
/// so a node that was away, and doesn't know yet that another took over, writes nothing.
///
/// Time is the server's, as the clocks of nodes differ.
public final class Leadership implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Leadership.class.getName());

    /// How long a leader leads that says nothing.
    private static final Duration TERM = Duration.ofSeconds(4);

    private static final Duration RENEWAL = Duration.ofSeconds(1);

    private static final String NOW =
            "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";

    private final Store.Postgres store;
    private final String node;
    private final Connections connections;
    private final Jdbi jdbi;
    private volatile String leader = "";
    private volatile long epoch;
    private volatile boolean leading;
    private @Nullable Thread renewal;

    private Leadership(Store.Postgres store, String node) {
        this.store = store;
        this.node = node;
        this.connections = new Connections(store, 1);
        this.jdbi = Jdbi.create(connections.writer());
    }

    /// Looks, but doesn't lead yet.
    ///
    /// @param node this node's address for the others, `host:port`
    public static Leadership open(Store.Postgres store, String node) throws IOException {
        try {
            return new Leadership(store, node);
        } catch (HikariPool.PoolInitializationException refused) {
            throw new IOException("store (setting store): " + refused.getMessage(), refused);
        }
    }

    /// Leads from now on, unless another node does.
    public boolean take() {
        long taken =
                jdbi.inTransaction(handle -> {
                    int rows =
                            handle.createUpdate(
                                            "update market_leader set node = :node,"
                                                    + " epoch = epoch + 1, expires = "
                                                    + NOW
                                                    + " + :term where market = 'main'"
                                                    + " and expires < "
                                                    + NOW)
                                    .bind("node", node)
                                    .bind("term", TERM.toMillis())
                                    .execute();
                    leader =
                            handle.createQuery("select node from market_leader")
                                    .mapTo(String.class)
                                    .one();
                    return rows == 0
                            ? 0
                            : handle.createQuery("select epoch from market_leader")
                                    .mapTo(Long.class)
                                    .one();
                });
        if (taken > 0) {
            epoch = taken;
            leading = true;
            renewal = Thread.ofPlatform().name("leadership").daemon().start(this::renewAll);
            LOGGER.log(System.Logger.Level.INFO, () -> "node leads epoch=" + taken);
        }
        return taken > 0;
    }

    /// Whether this node leads, as far as it knows. What it writes is refused if it doesn't.
    public boolean isLeading() {
        return leading;
    }

    /// The address of the node that led when this one last tried to.
    public Optional<String> leader() {
        return leader.isEmpty() ? Optional.empty() : Optional.of(leader);
    }

    Store store() {
        return store;
    }

    /// Sees to it that this node leads until the transaction ends.
    ///
    /// @throws FencedException if another does
    void check(Handle handle) {
        long mine = epoch;
        boolean leads =
                handle.createQuery("select 1 from market_leader where epoch = :epoch for share")
                        .bind("epoch", mine)
                        .mapTo(Integer.class)
                        .findOne()
                        .isPresent();
        if (!leads) {
            leading = false;
            throw new FencedException(mine + 1);
        }
    }

    /// Lets another node lead at once, if this one does.
    public void resign() {
        Thread running = renewal;
        if (running != null) {
            running.interrupt();
        }
        leading = false;
        jdbi.useHandle(handle ->
                handle.createUpdate("update market_leader set expires = 0 where epoch = :epoch")
                        .bind("epoch", epoch)
                        .execute());
    }

    @Override
    public void close() {
        try {
            resign();
        } finally {
            connections.close();
        }
    }

    private void renewAll() {
        long renewedNanos = System.nanoTime();
        while (leading) {
            try {
                Thread.sleep(RENEWAL);
                if (!renew()) {
                    leading = false;
                }
                renewedNanos = System.nanoTime();
            } catch (InterruptedException resigned) {
                return;
            } catch (RuntimeException unreachable) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        () -> "leadership not renewed cause=" + unreachable.getMessage());
                if (System.nanoTime() - renewedNanos > TERM.toNanos()) {
                    leading = false;
                }
            }
        }
        LOGGER.log(System.Logger.Level.WARNING, () -> "node no longer leads epoch=" + epoch);
    }

    private boolean renew() {
        return jdbi.withHandle(handle ->
                handle.createUpdate(
                                "update market_leader set expires = "
                                        + NOW
                                        + " + :term where epoch = :epoch")
                        .bind("term", TERM.toMillis())
                        .bind("epoch", epoch)
                        .execute())
                > 0;
    }
}
