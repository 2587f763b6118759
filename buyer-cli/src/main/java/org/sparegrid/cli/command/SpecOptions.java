// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.Context;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.market.Ask;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.VolumeUse;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What is asked for, as `quote` and `run` take it.
final class SpecOptions {
    private static final int NAME_MAX = 32;

    @Parameters(paramLabel = "IMAGE", description = "The image's name or the begin of its id.")
    String image = "";

    @Option(
            names = {"-n", "--machines"},
            paramLabel = "N",
            defaultValue = "1",
            description = "How many machines (default: ${DEFAULT-VALUE}).")
    int machines = 1;

    @Option(
            names = "--cpus",
            paramLabel = "N",
            defaultValue = "1",
            description = "Processors of each, at least (default: ${DEFAULT-VALUE}).")
    int cpus = 1;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            defaultValue = "768MiB",
            converter = Units.SizeReader.class,
            description = "Memory of each, at least (default: ${DEFAULT-VALUE}).")
    Units.Size memory = new Units.Size(768);

    @Option(
            names = "--disk",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = Units.SizeReader.class,
            description = "Scratch disk of each, at least (default: none).")
    Units.Size disk = new Units.Size(0);

    @Option(
            names = "--max-price",
            paramLabel = "AMOUNT",
            converter = Units.AmountReader.class,
            description = "The most to pay for one machine's hour.")
    @Nullable Credits priceMax;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            defaultValue = "2h",
            converter = Units.SpanReader.class,
            description = "How long at most; paid by the second (default: ${DEFAULT-VALUE}).")
    Duration span = Duration.ofHours(2);

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The network's name: node1.NAME and so on (default: the image's).")
    @Nullable String name;

    @Option(
            names = "--allow-emulation",
            description = "Take machines without KVM, too; 10 to 30 times slower.")
    boolean emulation;

    @Option(
            names = "--per-country",
            paramLabel = "N",
            description = "Machines in one country, at most.")
    int perCountry;

    @Option(
            names = "--per-hardware",
            paramLabel = "N",
            description = "Machines with one kind of processor, at most.")
    int perHardware;

    @Option(
            names = "--per-owner",
            paramLabel = "N",
            description = "Machines of one owner, at most.")
    int perOwner;

    @Option(
            names = "--firm",
            description = "Only machines that are there all the time, by their sellers' hours.")
    boolean firm;

    @Option(
            names = "--interruptible",
            description = {
                "An order without this option that waits may displace these machines: each is told",
                "when it ends, pays up to that, and with --wait is sought anew."
            })
    boolean interruptible;

    @Option(
            names = "--reserve",
            description = {
                "Bind the machines now for the time of --start-after: no firm order gets their",
                "slots then. Free to stop until an hour before, at most ten minutes' price later."
            })
    boolean reserve;

    @Option(
            names = "--reliability",
            paramLabel = "P",
            description = {
                "How sure each node must be to last, such as 0.99: it gets as many machines of",
                "different owners as their records call for; --max-price is then a node's."
            })
    double reliability;

    @Mixin StartOptions start = new StartOptions();

    @Option(
            names = "--where",
            paramLabel = "QUERY",
            description = {
                "What each must be besides, such as 'up>20 country in [SE,FI]'.",
                "See 'sparegrid help query'."
            })
    List<String> where = new ArrayList<>();

    @Mixin TrustOptions trust = new TrustOptions();

    @Option(
            names = "--checkpoint",
            paramLabel = "TIME",
            defaultValue = "0s",
            converter = Units.SpanReader.class,
            description = {
                "Save each machine's whole state that often, 30s to 24h, encrypted with a key of",
                "this order; after a failure of the seller's computer it goes on from there."
            })
    Duration checkpoint = Duration.ZERO;

    @Option(
            names = "--volume",
            paramLabel = "NAME",
            description = {
                "Give the one machine a volume, which it finds as /dev/disk/by-id/virtio-volume;",
                "it then runs on the computer where the volume lies. See sparegrid volume."
            })
    String volume = "";

    @Option(
            names = "--traffic",
            paramLabel = "VOLUME",
            defaultValue = "0",
            converter = Units.VolumeReader.class,
            description = {
                "How much each machine may send and receive in that time, such as 20GB, to take",
                "sellers with a fee for traffic as well: its cost is held, and a machine that has",
                "used it up ends. By default only sellers without a fee."
            })
    Units.Volume traffic = new Units.Volume(0);

    private VolumeUse use = VolumeUse.NONE;

    /// Finds the volume that is asked for, and its key on this computer.
    void findVolume(Coordinator coordinator, Context context)
            throws IOException, RefusedException, Failure, InterruptedException {
        if (!volume.isEmpty()) {
            VolumeId id = VolumeCommand.named(coordinator, volume).id();
            use = new VolumeUse(id.value(), VolumeCommand.key(context, id, volume));
        }
    }

    /// What the options ask for.
    ///
    /// @param keys who may log in
    /// @param clock of this computer, for the times of the start
    OrderSpec spec(ImageSummary chosen, List<String> keys, Clock clock) throws Failure {
        StartOptions.Window window = start.window(clock, reserve);
        try {
            return new OrderSpec(
                    name == null ? label(chosen.name()) : name,
                    chosen.id(),
                    machines,
                    new MachineSize(cpus, memory.mebibytes(), disk.mebibytes()),
                    priceMax == null ? Ask.PRICE_MAX : priceMax,
                    span.toSeconds(),
                    emulation,
                    keys,
                    new Placement(
                            perCountry,
                            perHardware,
                            perOwner,
                            firm,
                            interruptible,
                            reserve,
                            window.after().toSeconds(),
                            window.waiting().toSeconds(),
                            reliability),
                    Queries.parse(where).and(trust.wanted()),
                    checkpoints(),
                    use,
                    traffic.megabytes());
        } catch (IllegalArgumentException wrong) {
            throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
        }
    }

    /// With a key that nobody knows but this order.
    private Checkpoints checkpoints() {
        if (checkpoint.isZero()) {
            return Checkpoints.NONE;
        }
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return new Checkpoints(checkpoint.toSeconds(), Base64.getEncoder().encodeToString(key));
    }

    private static String label(String imageName) {
        String label = imageName.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String cut = label.substring(0, Math.min(NAME_MAX, label.length()));
        String trimmed = cut.replaceAll("^-+|-+$", "");
        return trimmed.isEmpty() ? "job" : trimmed;
    }
}
