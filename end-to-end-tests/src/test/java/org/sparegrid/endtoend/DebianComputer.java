// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.sparegrid.testsupport.Command;

/// The seller's computer as a virtual machine: Debian with a real systemd, logind and control
/// groups of version 2. It reaches the deployment's network through its host, which is the
/// deployment's seller.
final class DebianComputer {
    /// Emulation on a busy computer.
    private static final Duration BOOT_MAX = Duration.ofMinutes(8);

    /// On the loopback of the seller's network namespace.
    private static final String SSH_PORT = "2200";

    private final Deployment deployment;
    private final Path folder;
    private final Process machine;

    /// Builds it and starts it; it runs until the deployment is closed.
    DebianComputer(Deployment deployment) throws Exception {
        this.deployment = deployment;
        this.folder = Files.createDirectories(deployment.home("computer"));
        Command.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key());
        Command.run(
                Path.of("computer/build").toAbsolutePath().toString(),
                deployment.programs().toString(),
                key() + ".pub",
                folder.toString());
        machine = boot();
        awaitSsh("");
    }

    private String key() {
        return folder.resolve("key").toString();
    }

    private Process boot() throws IOException {
        return deployment.startOn(
                "seller",
                "computer",
                "qemu-system-x86_64",
                "-machine",
                "q35",
                // Without an emulated KVM: below the probe for it the kernel crashes.
                "-cpu",
                "Nehalem",
                "-accel",
                // With a thread for each processor, code that Java replaces while it runs may be
                // seen half written.
                "tcg,thread=single",
                "-smp",
                "2",
                "-m",
                "2560",
                "-nodefaults",
                "-display",
                "none",
                "-kernel",
                folder.resolve("vmlinuz").toString(),
                "-initrd",
                folder.resolve("initrd").toString(),
                "-append",
                "root=/dev/vda rw console=ttyS0 quiet",
                "-drive",
                "if=virtio,format=raw,cache=unsafe,file=" + folder.resolve("disk"),
                "-netdev",
                "user,id=n,hostfwd=tcp:127.0.0.1:" + SSH_PORT + "-:22",
                "-device",
                "virtio-net-pci,netdev=n,romfile=",
                "-device",
                "virtio-rng-pci",
                "-serial",
                "file:" + folder.resolve("serial"));
    }

    /// Runs a shell's command as a user, in a session of his.
    Command.Result as(String user, String command) throws IOException, InterruptedException {
        List<String> words = ssh("ssh", "-p");
        words.addAll(List.of(user + "@127.0.0.1", command));
        return deployment.runOn("seller", words.toArray(String[]::new));
    }

    /// Puts a file into a user's home.
    void copy(Path file, String user) throws IOException, InterruptedException {
        List<String> words = ssh("scp", "-P");
        words.addAll(List.of(file.toString(), user + "@127.0.0.1:"));
        deployment.runOn("seller", words.toArray(String[]::new)).orFail();
    }

    private List<String> ssh(String program, String port) {
        return new ArrayList<>(
                List.of(
                        program,
                        "-q",
                        port,
                        SSH_PORT,
                        "-i",
                        key(),
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-o",
                        "UserKnownHostsFile=/dev/null",
                        "-o",
                        "ConnectTimeout=30"));
    }

    /// Shuts it down as its owner would, and waits until it is up again.
    void startAnew() throws Exception {
        String before = bootId();
        as("root", "systemctl reboot");
        awaitSsh(before);
    }

    private String bootId() throws IOException, InterruptedException {
        return as("root", "cat /proc/sys/kernel/random/boot_id").orFail();
    }

    private void awaitSsh(String bootBefore) throws Exception {
        try {
            await(
                    BOOT_MAX,
                    "the computer",
                    () -> !machine.isAlive() || !bootId().equals(bootBefore));
            assertThat(machine.isAlive()).isTrue();
        } catch (AssertionError notUp) {
            Path serial = folder.resolve("serial");
            throw new AssertionError(
                    deployment.logTail("computer")
                            + (Files.exists(serial) ? "\n" + Files.readString(serial) : ""),
                    notUp);
        }
    }

    /// Switches it off.
    void end() throws InterruptedException {
        machine.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
    }
}
