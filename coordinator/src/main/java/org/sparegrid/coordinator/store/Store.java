// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Where the tables are: in a file of this computer, or in a PostgreSQL server.
public sealed interface Store {
    /// What stands in the settings for a file in the data folder.
    String FILE = "sqlite";

    /// The folder beside SQLite's file for what is needed only while a program runs; whoever serves
    /// the folder empties it at the start.
    String CACHE = "cache";

    /// A file that SQLite keeps.
    record Sqlite(Path file) implements Store {}

    /// A database that a PostgreSQL server keeps.
    ///
    /// @param host a host name or address, or the folder of the server's socket, which begins with
    ///   /
    /// @param port the server's TCP port; it is also part of the socket's name
    /// @param password empty if the server asks for none
    record Postgres(String host, int port, String database, String user, String password)
            implements Store {
        private static final int PORT = 5432;

        /// Whether the server is reached by a socket in the file system.
        boolean isLocal() {
            return host.startsWith("/");
        }

        /// The server's socket, if it is reached by one.
        String socket() {
            return host + "/.s.PGSQL." + port;
        }

        @Override
        public String toString() {
            return isLocal()
                    ? "postgresql://%s@/%s?host=%s&port=%d".formatted(user, database, host, port)
                    : "postgresql://%s@%s:%d/%s".formatted(user, host, port, database);
        }
    }

    /// Reads the setting `store`.
    ///
    /// @param text `sqlite`, or `postgresql://USER[:PASSWORD]@HOST[:PORT]/DATABASE`; instead of
    ///   `HOST` a query `?host=/FOLDER` names the folder of the server's socket
    /// @param file where SQLite's file would be
    /// @throws IllegalArgumentException if it is neither; the message holds no password
    static Store parse(String text, Path file) {
        if (text.equals(FILE)) {
            return new Sqlite(file);
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException malformed) {
            throw expected("it is not a URL: " + malformed.getReason());
        }
        if (!"postgresql".equals(uri.getScheme())) {
            throw expected("it begins with neither");
        }
        String path = uri.getPath() == null ? "" : uri.getPath();
        if (!path.matches("/[A-Za-z0-9_.-]{1,63}")) {
            throw expected("it names no database");
        }
        String user = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        String place = user.substring(user.lastIndexOf('@') + 1);
        user = user.contains("@") ? user.substring(0, user.lastIndexOf('@')) : "";
        String[] names = user.split(":", 2);
        if (names[0].isEmpty()) {
            throw expected("it names no user");
        }
        int colon = place.matches(".*:[0-9]{1,5}") ? place.lastIndexOf(':') : place.length();
        String host = place.substring(0, colon);
        String query = uri.getQuery() == null ? "" : uri.getQuery();
        if (query.startsWith("host=/")) {
            host = query.substring("host=".length());
        }
        if (host.isEmpty()) {
            throw expected("it names no host");
        }
        return new Postgres(
                host,
                colon == place.length()
                        ? Postgres.PORT
                        : Integer.parseInt(place.substring(colon + 1)),
                path.substring(1),
                decode(names[0]),
                names.length < 2 ? "" : decode(names[1]));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static IllegalArgumentException expected(String why) {
        return new IllegalArgumentException(
                "expected \"sqlite\" or \"postgresql://USER:PASSWORD@HOST:PORT/DATABASE\"; " + why);
    }
}
