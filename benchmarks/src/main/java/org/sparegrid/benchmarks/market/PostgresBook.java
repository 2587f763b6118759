// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.market;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.StringJoiner;
import org.sparegrid.coordinator.market.AskAttributes;
import org.sparegrid.coordinator.market.Constraint;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.store.UnixSocketFactory;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.WeekHours;

/// The same asks in a table with indexes, as one would build a market without an engine. It is
/// favoured: it need not spread an order's machines nor rank by the network fee, and all its pages
/// are in memory.
final class PostgresBook implements AutoCloseable {
    private final Path rows;
    private final Connection connection;
    private final Path cpu;

    /// @param socket the server's socket
    PostgresBook(String socket) throws SQLException {
        rows = Path.of(socket).resolveSibling("asks.tsv");
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
        properties.setProperty("socketFactoryArg", socket);
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        connection =
                DriverManager.getConnection("jdbc:postgresql://localhost/postgres", properties);
        try (Statement statement = connection.createStatement();
                ResultSet pid = statement.executeQuery("select pg_backend_pid()")) {
            pid.next();
            cpu = Path.of("/proc/" + pid.getInt(1) + "/schedstat");
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /// What the server's process has used of the processor.
    long cpuNanos() {
        try {
            String text = Files.readString(cpu);
            return Long.parseLong(text.substring(0, text.indexOf(' ')));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    void build(List<AskAttributes> asks) throws SQLException, IOException {
        execute("drop table if exists ask");
        StringBuilder columns = new StringBuilder("id int");
        for (Attribute attribute : Attribute.numbers()) {
            boolean large = attribute == Attribute.PRICE || attribute == Attribute.NETWORK_FEE;
            columns.append(", ").append(column(attribute)).append(large ? " bigint" : " int");
        }
        execute(
                "create table ask ("
                        + columns
                        + ", udp boolean, kvm boolean, country text, hardware text, owner text,"
                        + " free boolean, h0 bigint, h1 bigint, h2 bigint) with (fillfactor = 80)");
        copy(asks);
        execute("alter table ask add primary key (id)");
        execute("create index on ask (price) where free");
        execute("create index on ask (country, attestation, price) where free");
        execute("create index on ask (attestation, price) where free and attestation > 0");
        execute("create index on ask (hardware, country) where free");
        execute("vacuum analyze ask");
        execute("set max_parallel_workers_per_gather = 0");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Has the server read the rows from a file beside its socket.
    private void copy(List<AskAttributes> asks) throws SQLException, IOException {
        try (BufferedWriter out = Files.newBufferedWriter(rows)) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < asks.size(); i++) {
                row.setLength(0);
                row(row, i, asks.get(i));
                out.append(row);
            }
        }
        execute("copy ask from '" + rows + "'");
        Files.delete(rows);
    }

    private static void row(StringBuilder rows, int id, AskAttributes ask) {
        rows.append(id);
        for (Attribute attribute : Attribute.numbers()) {
            rows.append('\t').append(ask.number(attribute));
        }
        WeekHours hours = ask.hours();
        rows.append('\t').append(ask.openUdp()).append('\t').append(ask.kvm());
        rows.append('\t').append(ask.country()).append('\t').append(ask.hardware());
        rows.append('\t').append(ask.owner()).append("\ttrue\t").append(hours.first());
        rows.append('\t').append(hours.second()).append('\t').append(hours.third()).append('\n');
    }

    /// The bytes of the table and its indexes.
    long bytes() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet size = statement.executeQuery("select pg_total_relation_size('ask')")) {
            size.next();
            return size.getLong(1);
        }
    }

    /// How many asks it finds for an order.
    int match(Demand demand) throws SQLException {
        StringBuilder sql = new StringBuilder("select id from ask where free");
        for (Constraint constraint : demand.constraints().all()) {
            sql.append(" and ").append(condition(constraint));
        }
        sql.append(" and price <= ").append(demand.pricePerHourMax().nanos());
        sql.append(" order by price limit ").append(demand.machines());
        int found = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql.toString())) {
            while (rows.next()) {
                found++;
            }
        }
        return found;
    }

    private static String condition(Constraint constraint) {
        return switch (constraint) {
            case Constraint.Range(var attribute, var least, var most) ->
                    most == Long.MAX_VALUE
                            ? column(attribute) + " >= " + least
                            : column(attribute) + " between greatest(0, " + least + ") and " + most;
            case Constraint.Flag(var attribute, var wanted) ->
                    (wanted ? "" : "not ") + column(attribute);
            case Constraint.OneOf(var attribute, var names) ->
                    column(attribute) + " in " + list(names);
            case Constraint.NoneOf(var attribute, var names) ->
                    column(attribute) + " not in " + list(names);
            case Constraint.Open(var hours) ->
                    bits("h0", hours.first())
                            + " and "
                            + bits("h1", hours.second())
                            + " and "
                            + bits("h2", hours.third());
        };
    }

    private static String bits(String column, long wanted) {
        return wanted == 0 ? "true" : "(%s & (%d)) = (%d)".formatted(column, wanted, wanted);
    }

    private static String list(Iterable<String> names) {
        StringJoiner list = new StringJoiner("', '", "('", "')");
        names.forEach(list::add);
        return list.toString();
    }

    private static String column(Attribute attribute) {
        return switch (attribute) {
            case OPEN_UDP -> "udp";
            default -> attribute.name().toLowerCase(Locale.ROOT);
        };
    }

    /// Changes the round trips of asks in one commit.
    void update(int[] asks, int[] latencies) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement update =
                connection.prepareStatement("update ask set latency = ? where id = ?")) {
            for (int i = 0; i < asks.length; i++) {
                update.setInt(1, latencies[i]);
                update.setInt(2, asks[i]);
                update.addBatch();
            }
            update.executeBatch();
        }
        connection.commit();
        connection.setAutoCommit(true);
    }
}
