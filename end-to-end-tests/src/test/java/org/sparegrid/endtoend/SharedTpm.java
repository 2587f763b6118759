// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import org.sparegrid.attestation.eventlog.BootEvent;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.device.SocketConnection;
import org.sparegrid.attestation.tpm.device.Tpm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Command;

/// A TPM emulator with endorsement certificates of a CA of its own, which several programs use at
/// once as they do a kernel's `/dev/tpmrm0`; the emulator itself serves one.
final class SharedTpm implements AutoCloseable {
    /// The log of a start of OVMF and of a kernel with its `.efi` stub.
    private static final Path LOG =
            Path.of(
                    "../attestation/src/test/resources/org/sparegrid/attestation/eventlog/"
                            + "own_ovmf_uki.bin");

    private static final int APPLIANCE = 11;
    private static final int EV_IPL = 0xd;
    private static final int EVENT_BYTES_MAX = 1024;
    private static final int HEADER_BYTES = 10;

    private final Path folder;
    private final SocketConnection emulator;
    private final ServerSocketChannel server;

    private SharedTpm(Path folder, SocketConnection emulator, ServerSocketChannel server) {
        this.folder = folder;
        this.emulator = emulator;
        this.server = server;
    }

    /// Makes a TPM in a new folder and starts it on the seller's host.
    static SharedTpm start(Deployment deployment, Path folder)
            throws IOException, InterruptedException {
        Path authority = Files.createDirectories(folder.resolve("authority"));
        Path state = Files.createDirectories(folder.resolve("state"));
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
        Command.run(
                "swtpm_setup",
                "--tpm2",
                "--config",
                folder.resolve("setup.conf").toString(),
                "--tpmstate",
                state.toString(),
                "--create-ek-cert",
                "--pcr-banks",
                "sha256");
        deployment.startOn(
                "seller",
                "tpm",
                "swtpm",
                "socket",
                "--tpm2",
                "--tpmstate",
                "dir=" + state,
                "--server",
                "type=unixio,path=" + folder.resolve("emulator"),
                "--ctrl",
                "type=unixio,path=" + folder.resolve("control"),
                "--flags",
                "not-need-init,startup-clear");
        Path socket = folder.resolve("tpm");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        Deployment.await(
                Duration.ofSeconds(20),
                "the TPM emulator",
                () -> Files.exists(folder.resolve("emulator")));
        SharedTpm shared =
                new SharedTpm(
                        folder,
                        SocketConnection.open(
                                UnixDomainSocketAddress.of(folder.resolve("emulator"))),
                        server);
        Thread.ofVirtual().start(shared::accept);
        return shared;
    }

    /// Where programs find it.
    Path socket() {
        return folder.resolve("tpm");
    }

    /// The certificates that its own leads to.
    Path[] roots() {
        Path authority = folder.resolve("authority");
        return new Path[] {
            authority.resolve("issuer.pem"), authority.resolve("swtpm-localca-rootca-cert.pem")
        };
    }

    /// Does to a register what firmware or a kernel that starts another program does.
    void extend(int register) throws IOException {
        try (Tpm tpm = connect()) {
            tpm.state().extend(register, HashAlgorithm.SHA256, Octets.repeated(0x55, 32));
        }
    }

    /// Turns the computer off and on again, as its TPM sees it: the firmware of a real log measures
    /// what it measured then, and the boot loader a program into the register of the appliance.
    ///
    /// @param program which the loader measures
    /// @return the boot log with that program in it
    byte[] boot(Path program) throws IOException, InterruptedException, EvidenceFormatException {
        Command.run("swtpm_ioctl", "--unix", folder.resolve("control").toString(), "-i");
        byte[] before = Files.readAllBytes(LOG);
        byte[] measured = HashAlgorithm.SHA256.hash(Files.readAllBytes(program));
        BootLog known = BootLog.parse(before);
        ByteBuffer added =
                ByteBuffer.allocate(EVENT_BYTES_MAX)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(APPLIANCE)
                        .putInt(EV_IPL);
        Set<HashAlgorithm> banks = known.events().getLast().digests().keySet();
        added.putInt(banks.size());
        for (HashAlgorithm bank : banks) {
            added.putShort((short) bank.id()).put(bank.hash(measured));
        }
        added.putInt(measured.length).put(measured).flip();
        byte[] log = Arrays.copyOf(before, before.length + added.remaining());
        added.get(log, before.length, added.remaining());
        try (Tpm tpm = connect()) {
            tpm.startup();
            for (BootEvent event : BootLog.parse(log).events()) {
                Octets digest = event.digests().get(HashAlgorithm.SHA256);
                if (event.extended() && digest != null) {
                    tpm.state().extend(event.register(), HashAlgorithm.SHA256, digest);
                }
            }
        }
        return log;
    }

    private Tpm connect() throws IOException {
        return new Tpm(
                SocketConnection.open(UnixDomainSocketAddress.of(socket())), new SecureRandom());
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException closed) {
            return;
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            while (true) {
                ByteBuffer header = fill(client, ByteBuffer.allocate(HEADER_BYTES));
                ByteBuffer command = ByteBuffer.allocate(header.getInt(2)).put(header.flip());
                byte[] whole = fill(client, command).array();
                byte[] response;
                synchronized (emulator) {
                    response = emulator.transmit(whole);
                }
                ByteBuffer out = ByteBuffer.wrap(response);
                while (out.hasRemaining()) {
                    client.write(out);
                }
            }
        } catch (IOException gone) {
            return;
        }
    }

    private static ByteBuffer fill(SocketChannel client, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (client.read(into) < 0) {
                throw new EOFException("the program went away");
            }
        }
        return into;
    }

    @Override
    public void close() throws IOException {
        server.close();
        emulator.close();
    }
}
