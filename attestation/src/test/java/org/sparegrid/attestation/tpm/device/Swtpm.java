// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.sparegrid.testsupport.Command;

/// A TPM emulator of a test, with endorsement certificates of a CA of its own.
///
/// It listens where tpm2-tools look for one, and serves one connection after the other.
public final class Swtpm implements AutoCloseable {
    private static final int ATTEMPTS_MAX = 200;

    private final Path folder;
    private final int port;
    private Process process;

    private Swtpm(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /// Makes a TPM in an empty folder and starts it.
    public static Swtpm start(Path folder) throws IOException, InterruptedException {
        make(folder);
        int port = freePorts();
        Swtpm tpm = new Swtpm(folder, port, launch(folder, port));
        tpm.connect().close();
        return tpm;
    }

    /// A TPM for QEMU, which turns it on.
    public record Device(Path socket, Process process) implements AutoCloseable {
        @Override
        public void close() {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    /// Makes a TPM in an empty folder for a machine of QEMU's.
    public static Device device(Path folder) throws IOException, InterruptedException {
        make(folder);
        Path socket = folder.resolve("qemu");
        Process process =
                new ProcessBuilder(
                                "swtpm",
                                "socket",
                                "--tpm2",
                                "--tpmstate",
                                "dir=" + folder.resolve("state").toAbsolutePath(),
                                "--ctrl",
                                "type=unixio,path=" + socket)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("swtpm.log").toFile())
                        .start();
        for (int i = 0; i < ATTEMPTS_MAX && !Files.exists(socket); i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return new Device(socket, process);
    }

    private static void make(Path folder) throws IOException, InterruptedException {
        Path state = Files.createDirectories(folder.resolve("state"));
        Path authority = Files.createDirectories(folder.resolve("authority"));
        Files.writeString(folder.resolve("options"), "--platform-manufacturer Test\n");
        Files.writeString(
                folder.resolve("authority.conf"),
                "statedir = %1$s\nsigningkey = %1$s/key.pem\nissuercert = %1$s/issuer.pem\n"
                                .formatted(authority)
                        + "certserial = %s/serial%n".formatted(authority));
        Files.writeString(
                folder.resolve("setup.conf"),
                "create_certs_tool = /usr/bin/swtpm_localca\n"
                        + "create_certs_tool_config = %s/authority.conf%n".formatted(folder)
                        + "create_certs_tool_options = %s/options%n".formatted(folder));
        List<String> words =
                List.of(
                        "swtpm_setup",
                        "--tpm2",
                        "--config",
                        folder.resolve("setup.conf").toString(),
                        "--tpmstate",
                        state.toString(),
                        "--create-ek-cert",
                        "--pcr-banks",
                        "sha1,sha256");
        Command.attempt(new ProcessBuilder(words)).orFail();
    }

    /// Two free ports, one behind the other: the second is for control.
    private static int freePorts() throws IOException {
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
            try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    ServerSocket second =
                            new ServerSocket(
                                    first.getLocalPort() + 1,
                                    1,
                                    InetAddress.getLoopbackAddress())) {
                return second.getLocalPort() - 1;
            } catch (IOException taken) {
                continue;
            }
        }
        throw new IOException("no two free ports beside each other");
    }

    private static Process launch(Path folder, int port) throws IOException {
        return new ProcessBuilder(
                        "swtpm",
                        "socket",
                        "--tpm2",
                        "--tpmstate",
                        "dir=" + folder.resolve("state").toAbsolutePath(),
                        "--server",
                        "type=tcp,port=" + port,
                        "--ctrl",
                        "type=tcp,port=" + (port + 1),
                        "--flags",
                        "not-need-init,startup-clear")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("swtpm.log").toFile())
                .start();
    }

    /// Ends the emulator as a computer without power ends, and starts it again.
    public void restart() throws IOException, InterruptedException {
        close();
        process = launch(folder, port);
        connect().close();
    }

    /// A new connection; the emulator serves one at a time.
    public Tpm connect() throws IOException, InterruptedException {
        return new Tpm(connection(), new SecureRandom());
    }

    /// The same without the commands.
    public TpmConnection connection() throws IOException, InterruptedException {
        for (int i = 0; ; i++) {
            try {
                return SocketConnection.open(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            } catch (ConnectException refused) {
                if (i == ATTEMPTS_MAX || !process.isAlive()) {
                    throw new IOException(
                            "swtpm: " + Files.readString(folder.resolve("swtpm.log")), refused);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    /// Runs one of tpm2-tools against this TPM, in the TPM's folder.
    ///
    /// @return its exit code
    public int attempt(String... words) throws IOException, InterruptedException {
        return Command.attempt(builder(words)).exitCode();
    }

    /// The same for one that must succeed.
    public void run(String... words) throws IOException, InterruptedException {
        Command.attempt(builder(words)).orFail();
    }

    private ProcessBuilder builder(String... words) {
        ProcessBuilder builder =
                new ProcessBuilder(new ArrayList<>(List.of(words))).directory(folder.toFile());
        builder.environment().put("TPM2TOOLS_TCTI", "swtpm:host=127.0.0.1,port=" + port);
        return builder;
    }

    /// The certificate of the CA that signed the endorsement certificates.
    public Path issuer() {
        return folder.resolve("authority/issuer.pem");
    }

    /// The folder of its files.
    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
