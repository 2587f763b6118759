// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.market.LeaseProgress;
import org.sparegrid.protocol.market.LeaseState;
import org.sparegrid.protocol.market.OrderState;
import picocli.CommandLine;

class HandoverTest {
    @TempDir Path folder;

    private static Handover.Item peers() {
        return Handover.peers(
                Samples.order(
                        OrderState.RUNNING,
                        Samples.lease("node1", LeaseState.RUNNING, LeaseProgress.NONE)));
    }

    /// Runs the script with the machine's root replaced by a folder.
    private void write(List<Handover.Item> items) throws Exception {
        Files.createDirectories(folder.resolve("run"));
        Files.createDirectories(folder.resolve("root"));
        String script =
                Handover.script(peers(), items)
                        .replaceAll("( |>)/(run|root)", "$1" + folder + "/$2");
        Process shell = new ProcessBuilder("sh", "-s").redirectErrorStream(true).start();
        try (var in = shell.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.US_ASCII));
        }
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(said).isZero();
    }

    @Test
    void writesEveryFileWithItsPermissions() throws Exception {
        byte[] any = new byte[10_000];
        new Random(3).nextBytes(any);
        write(
                List.of(
                        Handover.Item.of("/run/sparegrid/user-data", "0644", any),
                        Handover.Item.of("/run/sparegrid/secrets/a.b", "0400", new byte[0])));

        Path context = folder.resolve("run/sparegrid");
        assertThat(Files.readAllBytes(context.resolve("user-data"))).isEqualTo(any);
        assertThat(mode(context.resolve("user-data"))).isEqualTo("rw-r--r--");
        assertThat(mode(context.resolve("secrets/a.b"))).isEqualTo("r--------");
        assertThat(mode(context.resolve("secrets"))).isEqualTo("rwx------");
        assertThat(context.resolve("peers")).content().isEqualTo("node1 10.77.3.11 0\n");
        assertThat(context.resolve("complete")).exists();
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void refusesAPathThatAShellWouldRead() {
        assertThatThrownBy(() -> Handover.Item.of("/run/a;b", "0644", new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void deliver(String program, String remedy) throws Exception {
        Handover.deliver(
                List.of("sh", "-c", program), "node2", new byte[10], "its secrets", remedy);
    }

    @Test
    void tellsOfSecretsThatCouldNotBeGivenHowToGoOn() throws Exception {
        String remedy = Handover.putAgain(List.of("node1"), "node2");

        deliver("cat >/dev/null", remedy);
        assertThatThrownBy(() -> deliver("echo Permission denied >&2; exit 255", remedy))
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo(ExitCode.UNREACHABLE))
                .hasMessage(
                        "can't log in to node2 to give it its secrets: Permission denied; node1"
                                + " already has them, others do not; give the command again once"
                                + " sparegrid vm ssh node2 works");
        assertThatThrownBy(() -> deliver("echo No space left; exit 1", remedy))
                .isInstanceOf(Failure.class)
                .hasMessage("node2 could not write its secrets: No space left");
        assertThat(Handover.putAgain(List.of(), "node1")).startsWith("no machine has them yet;");
    }

    private List<Handover.Item> items(boolean detached, String... words) throws Exception {
        GivenFiles given = new GivenFiles();
        new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(given)).parseArgs(words);
        return given.items(detached);
    }

    @Test
    void readsUserDataAndSecretsWithinTheirLimits() throws Exception {
        String file = Files.writeString(folder.resolve("f"), "x").toString();

        assertThat(items(false, "--user-data", file, "--secret", "key=" + file))
                .extracting(Handover.Item::path)
                .containsExactly("/run/sparegrid/user-data", "/run/sparegrid/secrets/key");
        assertThat(items(true)).isEmpty();
        assertThatThrownBy(() -> items(true, "--user-data", file))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("leave out --detach");
        assertThatThrownBy(() -> items(false, "--secret", "../key=" + file))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("expected a name");
        Path big = Files.write(folder.resolve("big"), new byte[65_537]);
        assertThatThrownBy(() -> items(false, "--user-data", big.toString()))
                .hasMessageContaining("longer than 64 KiB");
    }
}
