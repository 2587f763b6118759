// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.bridge.DaemonLauncher;
import org.sparegrid.cli.output.ProgressLine;
import org.sparegrid.cli.rehearsal.LoopbackSite;
import org.sparegrid.cli.rehearsal.Machines;
import org.sparegrid.cli.rehearsal.NamespaceSite;
import org.sparegrid.cli.rehearsal.Nat;
import org.sparegrid.cli.rehearsal.Programs;
import org.sparegrid.cli.rehearsal.Rehearsal;
import org.sparegrid.cli.rehearsal.Site;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `image run`.
@Command(
        name = "run",
        description = {
            "Boot an image here first: the same start, network, names and context as on",
            "rented machines, from a market of this computer's own. Costs nothing, needs no",
            "account. Ctrl-C ends it and removes everything."
        },
        footer = {
            "As root, each machine gets a network of its own, and --nat, --rtt and --loss",
            "say what lies between them. --rtt and --loss count between two machines.",
            "Example: sparegrid image run mpi -n 3 --nat symmetric --rtt 80ms --exec 'nproc'"
        })
final class ImageRunCommand extends ShellCommand {
    @Parameters(
            paramLabel = "ISO|DIR",
            description = "An ISO or disk file, or a recipe or its folder.")
    private Path image = Path.of("");

    @Option(
            names = {"-n", "--machines"},
            paramLabel = "N",
            defaultValue = "1",
            description = "How many machines (default: ${DEFAULT-VALUE}).")
    private int count = 1;

    @Option(
            names = "--cpus",
            paramLabel = "N",
            defaultValue = "1",
            description = "Processors of each (default: ${DEFAULT-VALUE}).")
    private int cpus = 1;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            defaultValue = "768MiB",
            converter = Units.SizeReader.class,
            description = "Memory of each (default: ${DEFAULT-VALUE}).")
    private Units.Size memory = new Units.Size(768);

    @Mixin private FirmwareOption firmware = new FirmwareOption();

    @Option(
            names = "--exec",
            paramLabel = "COMMAND",
            description = "Run this on node1 with a shell, and end with its exit code.")
    private @Nullable String command;

    @Option(
            names = "--nat",
            paramLabel = "KIND",
            description =
                    "The router of each machine: none, full-cone, port-restricted or symmetric.")
    private String nat = "none";

    @Option(
            names = "--rtt",
            paramLabel = "TIME",
            description = "How long a packet and its answer take, such as 80ms.")
    private String roundTrip = "0ms";

    @Option(
            names = "--loss",
            paramLabel = "PERCENT",
            description = "How many packets get lost on one way, such as 1%%.")
    private String loss = "0%";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "15m",
            description = "Give up if not ready by then (default: ${DEFAULT-VALUE}).")
    private String timeout = "15m";

    @Option(names = "--user-data", paramLabel = "FILE", description = "As run has it.")
    private @Nullable Path userData;

    @Option(names = "--secret", paramLabel = "NAME=FILE", description = "As run has it.")
    private Map<String, Path> secrets = Map.of();

    @Override
    int run() throws IOException, Failure, InterruptedException {
        Nat kind = kind();
        Duration delay = LinkOptions.roundTrip(roundTrip);
        double lost = LinkOptions.loss(loss);
        boolean plain = kind == Nat.NONE && delay.isZero() && lost == 0;
        boolean separate = DaemonLauncher.mayMakeDevices();
        if (!plain && !separate) {
            throw new Failure(
                    ExitCode.USAGE,
                    "--nat, --rtt and --loss make networks, which needs root; without them all"
                            + " machines share this computer's own");
        }
        Machines machines = machines();
        Programs programs = Programs.find(shell().environment());
        Path folder = Files.createTempDirectory("sgrun");
        if (separate) {
            // Sellers are another user then, and must reach their own folders in it.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        }
        String name = String.valueOf(folder.getFileName());
        String tag = "sg" + Integer.toHexString(name.hashCode() & 0xffff);
        Site site = separate ? new NamespaceSite(tag, kind, delay, lost) : new LoopbackSite();
        Rehearsal rehearsal =
                new Rehearsal(
                        programs,
                        shell().environment(),
                        site,
                        folder,
                        why -> terminal().note(terminal().bad("error: ") + why));
        Thread ending = new Thread(() -> end(rehearsal), "end-rehearsal");
        Runtime.getRuntime().addShutdownHook(ending);
        try {
            return rehearse(rehearsal, machines, folder);
        } finally {
            end(rehearsal);
            if (removable(ending)) {
                terminal().note("Ended, and removed everything");
            }
        }
    }

    private static boolean removable(Thread ending) {
        try {
            return Runtime.getRuntime().removeShutdownHook(ending);
        } catch (IllegalStateException _) {
            // The process is ending, and the hook does it.
            return false;
        }
    }

    private Nat kind() throws Failure {
        for (Nat kind : Nat.values()) {
            if (Words.of(kind).replace(' ', '-').equals(nat)) {
                return kind;
            }
        }
        throw new Failure(
                ExitCode.USAGE,
                "--nat: expected none, full-cone, port-restricted or symmetric, got " + nat);
    }

    private Machines machines() throws IOException, Failure {
        try {
            return new Machines(count, cpus, memory.mebibytes(), diskMebibytes());
        } catch (IllegalArgumentException wrong) {
            throw new Failure(ExitCode.USAGE, "-n: " + wrong.getMessage());
        }
    }

    /// What a machine needs to start from a disk.
    private long diskMebibytes() throws IOException, Failure {
        if (isRecipe() || !Files.exists(image)) {
            return 0;
        }
        try (GivenImage given = GivenImage.open(image)) {
            firmware.of(given.bootModes());
            return given.diskMebibytes();
        }
    }

    private boolean isRecipe() {
        return Files.isDirectory(image) || image.toString().matches(".*[.]ya?ml");
    }

    private int rehearse(Rehearsal rehearsal, Machines machines, Path folder)
            throws IOException, Failure, InterruptedException {
        Path iso = iso(folder);
        String name = name();
        ProgressLine line = new ProgressLine(terminal(), System::nanoTime);
        try {
            rehearsal.start(machines, line::phase);
            line.finish();
        } finally {
            line.abandon();
        }
        List<String> push = new ArrayList<>(List.of("image", "push", iso.toString()));
        push.addAll(List.of("--name", name));
        push.addAll(firmware.words());
        int code = rehearsal.buyer(push);
        if (code == 0) {
            code = rehearsal.buyer(order(name, machines.diskMib()));
        }
        if (code != 0) {
            return code;
        }
        if (command != null) {
            return rehearsal.buyer(List.of("vm", "exec", "node1", "--", "sh", "-c", command));
        }
        terminal().print("");
        terminal().print("Ctrl-C ends it. Until then, from another terminal, with");
        terminal().print("  " + rehearsal.buyerPrompt() + " vm ssh node1");
        new CountDownLatch(1).await();
        return 0;
    }

    private Path iso(Path folder) throws IOException, Failure, InterruptedException {
        if (!Files.exists(image)) {
            throw new Failure(ExitCode.NOT_FOUND, "there is no file or folder " + image);
        }
        if (!isRecipe()) {
            return image.toAbsolutePath();
        }
        Path built = folder.resolve("image.iso");
        List<String> words =
                List.of("image", "build", image.toString(), "--output", built.toString());
        Process build = new ProcessBuilder(DaemonLauncher.program(true, words)).inheritIO().start();
        int code = build.waitFor();
        if (code != 0) {
            throw new Failure(ExitCode.FAILED, "the image could not be built");
        }
        return built;
    }

    private String name() {
        String file = String.valueOf(image.toAbsolutePath().normalize().getFileName());
        String label =
                file.replaceFirst("[.](iso|qcow2|raw|img|ya?ml)$", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-+|-+$", "");
        return label.isEmpty() ? "job" : label.substring(0, Math.min(32, label.length()));
    }

    private List<String> order(String name, long diskMebibytes) {
        List<String> words = new ArrayList<>(List.of("run", name, "-n", "" + count));
        words.addAll(List.of("--cpus", "" + cpus, "--memory", memory.mebibytes() + "MiB"));
        words.addAll(List.of("--for", "8h", "--allow-emulation", "--yes", "--timeout", timeout));
        if (diskMebibytes > 0) {
            words.addAll(List.of("--disk", diskMebibytes + "MiB"));
        }
        // Sellers take a while to measure themselves and to be on offer.
        words.addAll(List.of("--wait", "5m", "--max-price", "0.02"));
        if (userData != null) {
            words.addAll(List.of("--user-data", userData.toString()));
        }
        new TreeMap<>(secrets)
                .forEach((key, file) -> words.addAll(List.of("--secret", key + "=" + file)));
        return words;
    }

    private void end(Rehearsal rehearsal) {
        try {
            rehearsal.close();
        } catch (IOException failure) {
            terminal()
                    .note(
                            terminal().bad("error: ")
                                    + "ending the rehearsal: "
                                    + failure.getMessage());
        }
    }
}
