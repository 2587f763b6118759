// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.ProcessId;

/// A script stands for the sandbox, and a Java program for libvirtd in it.
class LibvirtDaemonTest {
    /// Short, because sockets lie below it.
    private Path folder = Path.of("/nonexistent");

    private Path starts = Path.of("/nonexistent");

    @BeforeEach
    void prepareFolder() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "sgt");
        starts = Files.createFile(folder.resolve("starts"));
    }

    @AfterEach
    void endWhatIsLeft() throws IOException {
        daemon(0).process().orElse(ProcessId.NONE).kill();
        AtomicFile.deleteTree(folder);
    }

    @Test
    void startsOneAgainThatIsKilledWhileItStarts() throws IOException {
        LibvirtDaemon daemon = daemon(LibvirtDaemon.STARTS_MAX - 1);

        assertThat(daemon.ensureRunning()).as("was started").isTrue();
        assertThat(daemon.process()).isPresent();
        assertThat(starts).content().hasLineCount(LibvirtDaemon.STARTS_MAX);
        assertThat(daemon.ensureRunning()).as("was started").isFalse();
    }

    @Test
    void saysWhatOneSaidThatEndsEachTime() throws IOException {
        LibvirtDaemon daemon = daemon(LibvirtDaemon.STARTS_MAX);

        assertThatThrownBy(daemon::ensureRunning)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("libvirtd did not start in its sandbox; it said: ")
                .hasMessageEndingWith("no luck today");
        assertThat(starts).content().hasLineCount(LibvirtDaemon.STARTS_MAX);
    }

    /// Ends `failures` times before it listens.
    private LibvirtDaemon daemon(int failures) throws IOException {
        Layout layout =
                new Layout(
                        folder.resolve("v"),
                        folder.resolve("g"),
                        folder.resolve("l"),
                        folder.resolve("d"),
                        folder.resolve("i"),
                        folder.resolve("n"),
                        folder.resolve("log/libvirtd"));
        Path script = folder.resolve("sandbox");
        Files.writeString(
                script,
                """
                #!/bin/sh
                echo started >> %1$s
                if [ $(grep -c . %1$s) -le %2$d ]; then echo no luck today; exit 1; fi
                echo $$ > %3$s
                exec %4$s -XX:TieredStopAtLevel=1 -cp %5$s '%6$s' %7$s %3$s
                """
                        .formatted(
                                starts,
                                failures,
                                layout.pidFile(),
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                Path.of("target", "test-classes").toAbsolutePath(),
                                StandIn.class.getName(),
                                layout.socket()));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return new LibvirtDaemon(new Sandbox(layout, script, Path.of("/usr/bin/false"), false));
    }

    /// Listens where libvirtd would.
    static final class StandIn {
        private StandIn() {}

        /// `SOCKET PIDFILE`.
        public static void main(String[] arguments) throws Exception {
            Path socket = Path.of(arguments[0]);
            Files.createDirectories(socket.resolveSibling("."));
            try (ServerSocketChannel listening =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                listening.bind(UnixDomainSocketAddress.of(socket));
                Thread.sleep(60_000);
            }
        }
    }
}
