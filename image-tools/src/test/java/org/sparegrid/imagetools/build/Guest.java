// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An emulated machine that boots an image and takes commands by ssh.
final class Guest implements AutoCloseable {
    private static final Path FIRMWARE = Path.of("/usr/share/OVMF/OVMF_CODE_4M.fd");

    private final Path folder;
    private final int port;
    private final Process qemu;

    private Guest(Path folder, int port, Process qemu) {
        this.folder = folder;
        this.port = port;
        this.qemu = qemu;
    }

    /// Starts a machine named `name` as the agent would; its log and key go into `folder`.
    static Guest start(Path iso, String name, boolean uefi, Path folder) throws Exception {
        String order =
                "f /run/sparegrid/rank 0644 root root - 0\n"
                        + "f /run/sparegrid/machines 0644 root root - 1\n";
        return start(iso, name, uefi, folder, order, List.of());
    }

    /// Starts the machine `rank` of `machines` on an Ethernet that those with one `port` share;
    /// they have the addresses 10.9.0.1 and up and know each other's names.
    static Guest startMember(Path iso, int rank, int machines, int port, Path folder)
            throws Exception {
        StringBuilder hosts = new StringBuilder("127.0.0.1 localhost\n");
        for (int i = 1; i <= machines; i++) {
            hosts.append("10.9.0.").append(i).append(" node").append(i).append('\n');
        }
        int number = rank + 1;
        String mac = "02:00:00:00:09:0" + number;
        String network =
                "[Match]\nMACAddress=" + mac + "\n[Network]\nAddress=10.9.0." + number + "/24\n";
        String order =
                "f /run/sparegrid/rank 0644 root root - "
                        + rank
                        + "\nf /run/sparegrid/machines 0644 root root - "
                        + machines
                        + "\nf+~ /etc/hosts 0644 root root - "
                        + base64(hosts.toString())
                        + "\nd /run/systemd/network 0755 root root -\n"
                        + "f~ /run/systemd/network/10-grid.network 0644 root root - "
                        + base64(network)
                        + "\n";
        List<String> card =
                List.of(
                        "-netdev",
                        "socket,id=g,localaddr=127.0.0.1,mcast=239.53.71.1:" + port,
                        "-device",
                        "virtio-net-pci,netdev=g,romfile=,mac=" + mac);
        return start(iso, "node" + number, false, folder, order, card);
    }

    private static Guest start(
            Path iso, String name, boolean uefi, Path folder, String order, List<String> devices)
            throws Exception {
        run(
                List.of(
                        "ssh-keygen",
                        "-q",
                        "-t",
                        "ed25519",
                        "-N",
                        "",
                        "-f",
                        folder.resolve("key").toString()));
        String key = Files.readString(folder.resolve("key.pub"));
        String context =
                "d /root/.ssh 0700 root root -\n"
                        + "f~ /root/.ssh/authorized_keys 0600 root root - "
                        + base64(key)
                        + "\n"
                        + "d /run/sparegrid 0755 root root -\n"
                        + "f /run/sparegrid/hostname 0644 root root - "
                        + name
                        + "\n"
                        + order;
        int port = freePort();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "qemu-system-x86_64 -machine q35 -cpu Nehalem -accel tcg,tb-size=128 -m 512"
                                        .split(" ")));
        command.addAll(
                List.of(
                        "-smp 1 -display none -no-reboot -nodefaults -device virtio-scsi-pci"
                                .split(" ")));
        command.addAll(List.of("-drive", "if=none,id=cd,format=raw,readonly=on,file=" + iso));
        command.addAll(List.of("-device", "scsi-cd,drive=cd", "-device", "virtio-rng-pci"));
        command.addAll(List.of("-serial", "file:" + folder.resolve("serial.log")));
        command.addAll(List.of("-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:" + port + "-:22"));
        command.addAll(List.of("-device", "virtio-net-pci,netdev=n,romfile="));
        command.addAll(
                List.of(
                        "-smbios",
                        "type=11,value=io.systemd.credential.binary:tmpfiles.extra="
                                + base64(context)));
        command.addAll(devices);
        if (uefi) {
            command.addAll(List.of("-drive", "if=pflash,format=raw,readonly=on,file=" + FIRMWARE));
        }
        Process qemu =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("qemu.log").toFile())
                        .start();
        return new Guest(folder, port, qemu);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Waits until ssh answers.
    void awaitSsh(Duration max) throws Exception {
        long deadline = System.nanoTime() + max.toNanos();
        while (ssh("true").exitCode != 0) {
            if (!qemu.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError(
                        "no ssh: "
                                + Files.readString(folder.resolve("qemu.log"))
                                + Files.readString(
                                        folder.resolve("serial.log"), StandardCharsets.ISO_8859_1));
            }
            TimeUnit.SECONDS.sleep(1);
        }
    }

    /// Runs `command` as root and returns what it prints; a failure is an error.
    String run(String command) throws Exception {
        Outcome outcome = ssh(command);
        if (outcome.exitCode != 0) {
            throw new AssertionError(
                    command + " ended with " + outcome.exitCode + ": " + outcome.output);
        }
        return outcome.output;
    }

    private record Outcome(int exitCode, String output) {}

    private Outcome ssh(String command) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("ssh", "-q", "-i", folder.resolve("key").toString()));
        words.addAll(
                List.of("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"));
        words.addAll(List.of("-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-p", "" + port));
        words.addAll(List.of("root@127.0.0.1", command));
        return outcome(words);
    }

    private static void run(List<String> command) throws Exception {
        Outcome outcome = outcome(command);
        if (outcome.exitCode != 0) {
            throw new AssertionError(command + ": " + outcome.output);
        }
    }

    private static Outcome outcome(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }

    @Override
    public void close() {
        qemu.destroyForcibly().onExit().join();
    }
}
