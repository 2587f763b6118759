// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.cli.output.Table;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Ranking;
import org.sparegrid.protocol.market.VolumeOffer;
import org.sparegrid.protocol.market.VolumeUse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `volume` and the disks that outlive machines.
@Command(
        name = "volume",
        description = {
            "Disks that outlive machines, encrypted with a key that stays on this computer.",
            "",
            "A volume lies on one seller's computer. It is paid by the second for as long",
            "as that computer keeps it, whether or not a machine uses it."
        },
        subcommands = {
            VolumeCommand.CreateCommand.class,
            VolumeCommand.ListCommand.class,
            VolumeCommand.ShowCommand.class,
            VolumeCommand.RemoveCommand.class
        })
final class VolumeCommand extends GroupCommand {
    /// What is held ahead; when less lasts, the wallet was too low for more.
    private static final Duration HELD_LEAST = Duration.ofDays(6);

    private static final int KEY_BYTES = 32;

    @Command(
            name = "create",
            description = {
                "Order a volume on the computer that keeps it for least.",
                "",
                "Its price stays as it is for as long as the volume lives. The money for seven",
                "days is held, and more as it is used; when the wallet has no more, the volume",
                "is deleted at the end of what is held. Whoever loses the key loses what is in",
                "it."
            },
            footer =
                    "Example: sparegrid volume create data --size 20G --max-price 0.05 \\%n"
                            + "           && sparegrid run my --volume data")
    static final class CreateCommand extends DataCommand {
        /// How long a seller's computer may take to make room.
        private static final Duration PATIENCE = Duration.ofMinutes(11);

        private static final Duration POLL = Duration.ofSeconds(20);

        @Parameters(paramLabel = "NAME", description = "What you call it.")
        private String name = "";

        @Option(
                names = "--size",
                paramLabel = "SIZE",
                required = true,
                converter = Units.SizeReader.class,
                description = "How large, in whole GiB, such as 20G.")
        private Units.Size size = new Units.Size(0);

        @Option(
                names = "--max-price",
                paramLabel = "AMOUNT",
                converter = Units.AmountReader.class,
                description = "The most to pay for one GiB and 30 days (default: the least asked).")
        private @Nullable Credits priceMax;

        @Option(
                names = "--where",
                paramLabel = "QUERY",
                description = {
                    "What its computer must be besides, as machines that use it run there:",
                    "'memory>=4G kvm'. See 'sparegrid help query'."
                })
        private List<String> where = new ArrayList<>();

        @Option(
                names = {"-y", "--yes"},
                description = "Don't ask.")
        private boolean yes;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            requireAnswer(this, yes);
            if (size.mebibytes() % 1024 != 0) {
                throw new Failure(ExitCode.USAGE, "--size is in whole GiB, such as 20G");
            }
            Coordinator coordinator = coordinator();
            int gibibytes = size.mebibytes() / 1024;
            Query query = Queries.parse(where);
            Credits most = priceMax == null ? least(coordinator, query, gibibytes) : priceMax;
            Volume.Request request;
            try {
                request = new Volume.Request(name, gibibytes, most, query);
            } catch (IllegalArgumentException wrong) {
                throw new Failure(ExitCode.USAGE, String.valueOf(wrong.getMessage()));
            }
            terminal()
                    .note(
                            gibibytes
                                    + " GiB for at most "
                                    + Plain.amount(cost(most, gibibytes, Duration.ofDays(30)))
                                    + " in 30 days; "
                                    + Plain.amount(cost(most, gibibytes, Duration.ofDays(7)))
                                    + " is held at first");
            confirm(yes, "Order it?", "nothing was ordered");
            Volume made = coordinator.volume(request, UUID.randomUUID().toString());
            keepKey(coordinator, made.id());
            Volume ready = await(coordinator, made);
            print("sparegrid.volume/1", ready, () -> show(ready));
            return 0;
        }

        private static Credits least(Coordinator coordinator, Query query, int gibibytes)
                throws IOException, RefusedException, Failure, InterruptedException {
            return coordinator.offers(query, Ranking.BY_PRICE).offers().stream()
                    .map(offer -> offer.ask().traits().volumes())
                    .filter(volumes -> volumes.gibibytes() >= gibibytes)
                    .map(VolumeOffer::pricePerMonth)
                    .min(Credits::compareTo)
                    .orElseThrow(() ->
                            new Failure(
                                    ExitCode.NOT_FOUND,
                                    "no computer on offer keeps volumes of " + gibibytes + " GiB"));
        }

        private void keepKey(Coordinator coordinator, VolumeId id)
                throws IOException, RefusedException, InterruptedException {
            byte[] key = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(key);
            try {
                shell().context()
                        .write(
                                shell().context().volumeKeyFile(id),
                                Base64.getEncoder().encode(key));
            } catch (IOException unwritten) {
                coordinator.remove(id);
                throw unwritten;
            }
        }

        private Volume await(Coordinator coordinator, Volume made)
                throws IOException, RefusedException, Failure, InterruptedException {
            Volume now = made;
            Instant end = shell().clock().instant().plus(PATIENCE);
            while (now.state() == Volume.State.MAKING) {
                if (shell().clock().instant().isAfter(end)) {
                    throw new Failure(
                            ExitCode.TIMEOUT,
                            "the seller's computer still makes room; see sparegrid volume ls");
                }
                now = coordinator.volume(made.id(), now.version(), POLL);
            }
            if (now.state() == Volume.State.DELETING || now.state() == Volume.State.ENDED) {
                Files.deleteIfExists(shell().context().volumeKeyFile(made.id()));
                throw new Failure(ExitCode.NOT_FOUND, "it could not be made: " + now.detail());
            }
            return now;
        }

        private void show(Volume volume) {
            terminal()
                    .print(
                            "Volume "
                                    + terminal().bold(volume.name())
                                    + ", "
                                    + volume.gibibytes()
                                    + " GiB on "
                                    + volume.sellerName()
                                    + ", "
                                    + Plain.amount(
                                            cost(
                                                    volume.pricePerMonth(),
                                                    volume.gibibytes(),
                                                    Duration.ofDays(30)))
                                    + " in 30 days");
            terminal().print("  key      " + shell().context().volumeKeyFile(volume.id()));
            terminal().print("  use it   sparegrid run IMAGE --volume " + volume.name());
            terminal().print("  first    mkfs.ext4 /dev/disk/by-id/virtio-volume");
            terminal().print("  then     mount /dev/disk/by-id/virtio-volume /mnt");
        }
    }

    @Command(
            name = "ls",
            description = "List the volumes, where they lie, and what they cost up to now.")
    static final class ListCommand extends DataCommand {
        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Volume.Page page = coordinator().volumes();
            print("sparegrid.volumes/1", page, () -> show(page.volumes()));
            return 0;
        }

        private void show(List<Volume> volumes) {
            Table table =
                    Table.of(
                            "volume",
                            "size>",
                            "seller~",
                            "state",
                            "30 days>",
                            "cost>",
                            "held until");
            for (Volume volume : volumes) {
                table.row(
                        volume.name(),
                        volume.gibibytes() + " GiB",
                        volume.sellerName() + (volume.sellerHere() ? "" : " (away)"),
                        state(volume),
                        Plain.amount(
                                cost(
                                        volume.pricePerMonth(),
                                        volume.gibibytes(),
                                        Duration.ofDays(30))),
                        Plain.amount(volume.charged()),
                        isLive(volume)
                                ? Plain.time(volume.heldUntil(), shell().clock().getZone())
                                : "-");
            }
            terminal().print(table);
            if (volumes.isEmpty()) {
                terminal().note("No volumes; sparegrid volume create NAME --size SIZE orders one");
            }
            volumes.forEach(volume -> warn(this, volume));
        }
    }

    @Command(name = "show", description = "Show all of a volume.")
    static final class ShowCommand extends DataCommand {
        @Parameters(paramLabel = "NAME", description = "Its name, or its identifier.")
        private String name = "";

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            Volume volume = named(coordinator(), name);
            print("sparegrid.volume/1", volume, () -> show(volume));
            return 0;
        }

        private void show(Volume volume) {
            Path key = shell().context().volumeKeyFile(volume.id());
            terminal()
                    .print("volume   " + terminal().bold(volume.name()) + " (" + volume.id() + ")");
            terminal().print("size     " + volume.gibibytes() + " GiB");
            terminal()
                    .print(
                            "state    "
                                    + state(volume)
                                    + (volume.lease().isEmpty() ? "" : " by " + volume.lease()));
            terminal()
                    .print(
                            "lies on  "
                                    + volume.sellerName()
                                    + " ("
                                    + volume.seller()
                                    + (volume.sellerHere() ? ")" : "), which is away now"));
            terminal().print("price    " + volume.pricePerMonth() + " for a GiB and 30 days");
            terminal()
                    .print(
                            "cost     "
                                    + volume.charged()
                                    + " for "
                                    + Plain.span(Duration.ofSeconds(volume.keptSeconds()))
                                    + " in which it was kept");
            terminal().print("held     " + volume.held());
            terminal().print("key      " + (Files.exists(key) ? key : "not on this computer"));
            warn(this, volume);
        }
    }

    @Command(
            name = "rm",
            description = {
                "Delete a volume for good, and its key on this computer.",
                "What is held for it and was not used comes back at once."
            })
    static final class RemoveCommand extends DataCommand {
        @Parameters(paramLabel = "NAME", description = "Its name, or its identifier.")
        private String name = "";

        @Option(
                names = {"-y", "--yes"},
                description = "Don't ask.")
        private boolean yes;

        @Override
        int run() throws IOException, RefusedException, Failure, InterruptedException {
            requireAnswer(this, yes);
            Volume volume = named(coordinator(), name);
            confirm(
                    yes,
                    "Delete volume " + volume.name() + " with all that is in it?",
                    "nothing was deleted");
            Volume removed = coordinator().remove(volume.id());
            Files.deleteIfExists(shell().context().volumeKeyFile(volume.id()));
            print(
                    "sparegrid.volume/1",
                    removed,
                    () ->
                            terminal()
                                    .print(
                                            "Deleted "
                                                    + removed.name()
                                                    + "; it cost "
                                                    + removed.charged()
                                                    + " in all"));
            return 0;
        }
    }

    /// The volume of that name that lives, the newest if none does, or the one with that
    /// identifier.
    static Volume named(Coordinator coordinator, String name)
            throws IOException, RefusedException, Failure, InterruptedException {
        List<Volume> found =
                coordinator.volumes().volumes().stream()
                        .filter(each -> each.name().equals(name) || each.id().value().equals(name))
                        .toList();
        return found.stream()
                .filter(VolumeCommand::isLive)
                .findFirst()
                .or(() -> found.stream().reduce((_, newer) -> newer))
                .orElseThrow(() ->
                        new Failure(
                                ExitCode.NOT_FOUND,
                                "there is no volume '" + name + "'; see sparegrid volume ls"));
    }

    /// The key of a volume.
    static String key(Context context, VolumeId id, String name) throws IOException, Failure {
        Path file = context.volumeKeyFile(id);
        if (!Files.exists(file)) {
            throw new Failure(
                    ExitCode.NOT_FOUND,
                    "the key of volume "
                            + name
                            + " is not on this computer; copy it from where the volume was made to "
                            + file);
        }
        String key = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (!VolumeUse.isKey(key)) {
            throw new Failure(ExitCode.FAILED, file + " is no key of a volume; it is damaged");
        }
        return key;
    }

    private static boolean isLive(Volume volume) {
        return switch (volume.state()) {
            case MAKING, EMPTY, KEPT, IN_USE, LOST -> true;
            case DELETING, ENDED -> false;
        };
    }

    private static String state(Volume volume) {
        String word = volume.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return volume.detail().isEmpty() ? word : word + ": " + volume.detail();
    }

    private static Credits cost(Credits pricePerMonth, int gibibytes, Duration time) {
        return VolumeOffer.cost(pricePerMonth, gibibytes, time.toSeconds());
    }

    /// Says that a volume will be deleted for want of money.
    private static void warn(DataCommand command, Volume volume) {
        Instant now = command.shell().clock().instant();
        if (isLive(volume)
                && volume.sellerHere()
                && volume.heldUntil().isBefore(now.plus(HELD_LEAST).minusSeconds(3600))) {
            command.terminal()
                    .note(
                            volume.name()
                                    + ": the wallet is too low to hold more; it is deleted on "
                                    + Plain.time(
                                            volume.heldUntil(), command.shell().clock().getZone())
                                    + " unless you sparegrid wallet deposit");
        }
    }

    private static void requireAnswer(DataCommand command, boolean yes) throws Failure {
        if (!yes && !command.terminal().interactive()) {
            throw new Failure(ExitCode.USAGE, "there is no terminal to confirm it at; give --yes");
        }
    }

    private static void confirm(boolean yes, String question, String otherwise) throws Failure {
        if (yes) {
            return;
        }
        String answer =
                Optional.ofNullable(System.console())
                        .map(console -> console.readLine("%s [y/N] ", question))
                        .orElse("n");
        String said = answer.strip().toLowerCase(Locale.ROOT);
        if (!said.equals("y") && !said.equals("yes")) {
            throw new Failure(ExitCode.INTERRUPTED, otherwise);
        }
    }
}
