// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A PostgreSQL server of the tests' own: in a temporary folder, on a socket there, ended with the
/// tests. As root it runs as the user `postgres`, because it refuses root.
public final class PostgresCluster {
    private static final String USER = "postgres";
    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql");
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final Path folder;
    private final Path programs;

    private static final class Shared {
        static final PostgresCluster CLUSTER = start();
    }

    private PostgresCluster(Path folder, Path programs) {
        this.folder = folder;
        this.programs = programs;
    }

    /// An empty database in the one server of this process.
    public static Store.Postgres newDatabase() {
        return Shared.CLUSTER.create("test" + DATABASES.incrementAndGet());
    }

    private static PostgresCluster start() {
        try (Stream<Path> versions = Files.list(PROGRAMS)) {
            Path programs =
                    versions.map(version -> version.resolve("bin"))
                            .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                            .max(Comparator.naturalOrder())
                            .orElseThrow();
            Path folder = Files.createTempDirectory("sparegrid-postgres");
            PostgresCluster cluster = new PostgresCluster(folder, programs);
            Runtime.getRuntime().addShutdownHook(new Thread(cluster::stop));
            if (isRoot()) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.setOwner(
                        folder,
                        folder.getFileSystem()
                                .getUserPrincipalLookupService()
                                .lookupPrincipalByName(USER));
            }
            cluster.run("initdb", "-U", USER, "-D", "data", "--auth=trust", "--no-sync");
            cluster.run(
                    "pg_ctl",
                    "-s",
                    "-w",
                    "-D",
                    "data",
                    "-l",
                    "log",
                    "-o",
                    "-k " + folder + " -c listen_addresses= -c shared_buffers=64MB",
                    "start");
            return cluster;
        } catch (IOException missing) {
            throw new IllegalStateException(
                    "this test needs PostgreSQL; install the package postgresql", missing);
        }
    }

    private Store.Postgres create(String name) {
        run("createdb", "-h", folder.toString(), "-U", USER, name);
        return new Store.Postgres(folder.toString(), 5432, name, USER, "");
    }

    private void stop() {
        run("pg_ctl", "-s", "-D", "data", "-m", "immediate", "stop");
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void run(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("runuser", "-u", USER, "--"));
        }
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(program + " failed; see " + folder);
            }
        } catch (IOException failure) {
            throw new IllegalStateException(program + ": " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
