// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.accel;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.sparegrid.agent.config.AccelerationChoice;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.Tool;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.market.Acceleration;

/// Finds out how guests run here, by running one.
public final class Probe {
    private static final Duration KVM_MAX = Duration.ofSeconds(3);

    /// The emulator needs a third of a second; a busy computer gets much more.
    private static final Duration EMULATOR_MAX = Duration.ofSeconds(20);

    /// More than the probe can say, in characters.
    private static final int OUTPUT_MAX = 8000;

    private static final Path DEVICE = Path.of("/dev/kvm");

    private final Path cache;
    private final Path work;

    /// Keeps the outcome below `data` and temporary files in `work`.
    public Probe(Path data, Path work) {
        this.cache = data.resolve("probe.json");
        this.work = work;
    }

    /// How guests run and why, in one sentence.
    ///
    /// @param works whether guests run at all in the way chosen
    public record Outcome(Acceleration acceleration, String reason, boolean works) {}

    /// What was found, under the circumstances in which it holds.
    private record Cached(String key, Outcome outcome) {}

    /// Finds out, or remembers from an earlier run on the same kernel, QEMU and device.
    public Outcome run(AccelerationChoice choice) throws IOException, InterruptedException {
        Optional<Path> qemu = Tool.find("qemu-system-x86_64");
        if (qemu.isEmpty()) {
            return new Outcome(Acceleration.EMULATION, "qemu-system-x86_64 is missing", false);
        }
        String key = key(choice, qemu.get());
        if (Files.exists(cache)) {
            try {
                Cached cached = Format.JSON.read(Files.readAllBytes(cache), Cached.class);
                if (cached.key().equals(key)) {
                    return cached.outcome();
                }
            } catch (MessageFormatException old) {
                Files.delete(cache);
            }
        }
        Outcome outcome = find(choice, qemu.get());
        // What the owner can mend at once, or a busy minute caused, is looked at again next time.
        if (outcome.works() && mayUseDevice()) {
            AtomicFile.write(cache, Format.JSON.write(new Cached(key, outcome)));
        }
        return outcome;
    }

    private Outcome find(AccelerationChoice choice, Path qemu)
            throws IOException, InterruptedException {
        ProbeResult control = boot(qemu, "tcg", "max", EMULATOR_MAX);
        if (!control.works()) {
            return new Outcome(
                    Acceleration.EMULATION, "QEMU itself doesn't work: " + control.why(), false);
        }
        if (choice == AccelerationChoice.TCG) {
            return new Outcome(Acceleration.EMULATION, "the seller chose emulation", true);
        }
        String fault = kvmFault(qemu);
        if (fault.isEmpty()) {
            return new Outcome(Acceleration.KVM, "KVM ran all stages of the probe", true);
        }
        return new Outcome(
                Acceleration.EMULATION,
                "no KVM: " + fault.substring(0, Math.min(400, fault.length())),
                choice == AccelerationChoice.AUTO);
    }

    /// What keeps KVM from working, or nothing.
    private String kvmFault(Path qemu) throws IOException, InterruptedException {
        if (!Files.exists(DEVICE)) {
            return "/dev/kvm is missing";
        }
        if (!mayUseDevice()) {
            return "no permission for /dev/kvm; run: sudo usermod -aG kvm $USER, then log in again";
        }
        ProbeResult result = boot(qemu, "kvm", "host", KVM_MAX);
        return result.works() ? "" : result.why();
    }

    private static boolean mayUseDevice() {
        return Files.isReadable(DEVICE) && Files.isWritable(DEVICE);
    }

    private ProbeResult boot(Path qemu, String accel, String cpu, Duration deadline)
            throws IOException, InterruptedException {
        AtomicFile.privateFolder(work);
        // Of its own: the doctor may look while the agent starts.
        Path rom = work.resolve("probe-" + ProcessHandle.current().pid() + ".rom");
        AtomicFile.write(rom, ProbeRom.bytes());
        Process process =
                new ProcessBuilder(command(qemu, accel, cpu, rom))
                        .redirectInput(new File("/dev/null"))
                        .start();
        StringBuilder stages = new StringBuilder();
        StringBuilder errors = new StringBuilder();
        Thread out =
                Thread.startVirtualThread(() -> read(process, process.getInputStream(), stages));
        Thread err =
                Thread.startVirtualThread(() -> read(process, process.getErrorStream(), errors));
        try {
            boolean ended = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                // Not otherwise: it closes the streams, with what is still to be read.
                process.destroyForcibly();
            }
            out.join(1000);
            err.join(1000);
            return ProbeResult.classify(
                    ended ? process.exitValue() : -1, text(stages), text(errors));
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(rom);
        }
    }

    private static List<String> command(Path qemu, String accel, String cpu, Path rom) {
        return List.of(
                qemu.toString(),
                "-accel",
                accel,
                "-machine",
                "q35",
                "-cpu",
                cpu,
                "-m",
                "128",
                "-bios",
                rom.toString(),
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-no-reboot",
                "-sandbox",
                "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                "-debugcon",
                "stdio",
                "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4");
    }

    /// Collects one output; a processor that gave up will not go on, so that QEMU is ended.
    private static void read(Process process, InputStream in, StringBuilder text) {
        byte[] buffer = new byte[1024];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                synchronized (text) {
                    String more = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
                    text.append(more, 0, Math.min(more.length(), OUTPUT_MAX - text.length()));
                    if (text.indexOf("KVM internal error") == 0
                            || text.indexOf("KVM: entry failed") == 0) {
                        process.destroyForcibly();
                    }
                }
            }
        } catch (IOException ended) {
            process.destroyForcibly();
        }
    }

    private static String text(StringBuilder builder) {
        synchronized (builder) {
            return builder.toString();
        }
    }

    private static String key(AccelerationChoice choice, Path qemu)
            throws IOException, InterruptedException {
        String version = Tool.run(Duration.ofSeconds(20), qemu.toString(), "--version").output();
        String device =
                Files.exists(DEVICE)
                        ? Files.getAttribute(DEVICE, "unix:rdev")
                                + " "
                                + Files.getAttribute(DEVICE, "unix:ctime")
                                + " "
                                + Files.isWritable(DEVICE)
                        : "none";
        return choice
                + "; "
                + Kernel.release()
                + "; "
                + version.lines().findFirst().orElse("")
                + "; "
                + device;
    }
}
