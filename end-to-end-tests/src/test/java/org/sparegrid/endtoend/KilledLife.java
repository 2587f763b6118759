// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;
import static org.sparegrid.endtoend.Deployment.field;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.sparegrid.endtoend.KillTable.Kill;
import org.sparegrid.endtoend.KillTable.Outcome;
import org.sparegrid.endtoend.KillTable.Victim;
import org.sparegrid.protocol.Credits;

/// One lease from order to bill, and what is killed meanwhile.
final class KilledLife {
    /// Far longer than anything takes on a busy computer.
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final int KILLS_MIN = 3;

    /// Kills in one life, at most: so often a machine comes back from one checkpoint.
    private static final int KILLS_MAX = 5;

    /// Between two kills, in milliseconds: half of them follow closely.
    private static final int CLOSE_MILLIS_MAX = 1500;

    private static final int PAUSE_MILLIS_MAX = 8000;

    /// There is a checkpoint each 30 s.
    private static final Duration SAVING_WITHIN = Duration.ofSeconds(60);

    /// How long one takes, about.
    private static final int SAVE_MILLIS = 400;

    /// The agent tells of a machine's start within that, or it was killed before.
    private static final Duration TELLING = Duration.ofSeconds(10);

    /// How long after it began to fetch, or to launch, it is hit at most.
    private static final int FETCH_MILLIS = 60;

    private static final int LAUNCH_MILLIS = 1200;

    /// A lease passes them in this order.
    private static final List<String> EARLY_STAGES = List.of("ACCEPTED", "FETCHING", "LAUNCHING");

    /// What rounding and late looks at a busy computer can take off a bill.
    private static final Duration LESS = Duration.ofSeconds(10);

    /// What the coordinator's meter may be ahead, and the process table's clock be off.
    private static final Duration MORE = Duration.ofSeconds(4);

    private static final Credits PRICE = Credits.parse(RandomKillsIT.PRICE);

    private final Deployment deployment;
    private final SellerFiles seller;
    private final Killer killer;
    private final KillTable table;
    private final Random random;
    private final int number;
    private final String name;
    private final Kind kind;
    private final List<Kill> kills = new ArrayList<>();
    private Optional<ProcessHandle> guest = Optional.empty();
    private Duration heldMost = Duration.ZERO;
    private boolean mayBeLost;

    private enum Kind {
        /// Killed from its order on.
        STARTING,
        /// Killed while its image is fetched, or while its guest is made, and from then on.
        FETCHING,
        LAUNCHING,
        /// Killed once it runs.
        RUNNING,
        /// Killed while its seller holds it back.
        HELD,
        /// With checkpoints.
        SAVED,
        /// The same, killed while it is saved if that comes soon.
        SAVING
    }

    KilledLife(
            Deployment deployment,
            SellerFiles seller,
            Killer killer,
            KillTable table,
            Random random,
            int number) {
        this.deployment = deployment;
        this.seller = seller;
        this.killer = killer;
        this.table = table;
        this.random = random;
        this.number = number;
        this.name = "life" + number;
        List<Kind> kinds = kinds();
        this.kind = kinds.get(random.nextInt(kinds.size()));
    }

    /// All kinds, or those of `-Dtest.kinds=FETCHING,LAUNCHING`.
    private static List<Kind> kinds() {
        String names = System.getProperty("test.kinds", "");
        return names.isEmpty()
                ? List.of(Kind.values())
                : Arrays.stream(names.split(",", -1)).map(Kind::valueOf).toList();
    }

    /// Lives; returns what was charged for it.
    ///
    /// @param killsMax how often somebody may still be killed
    Credits live(int killsMax) throws Exception {
        try (GuestWatch watch = GuestWatch.begin(seller)) {
            boolean hitEarly = kind == Kind.FETCHING || kind == Kind.LAUNCHING;
            if (hitEarly) {
                orderAndKill(watch);
            } else {
                await(PATIENCE, "the order", this::order);
                await(PATIENCE, "the agent to take it", () -> !seller.journal().isEmpty());
            }
            if (kind != Kind.STARTING && !hitEarly) {
                awaitMeter(watch);
            }
            if (isSaved() && random.nextInt(4) > 0) {
                await(PATIENCE, "a checkpoint", seller::hasCheckpoint);
            }
            int most = killsMax - kills.size();
            int many = Math.min(KILLS_MIN + random.nextInt(KILLS_MAX - KILLS_MIN + 1), most);
            boolean lastWhileEnding = many > 1 && random.nextBoolean();
            killSome(watch, lastWhileEnding ? many - 1 : many);
            boolean runs = settle(watch);
            Instant stopped = Instant.now();
            FutureTask<Boolean> stop = new FutureTask<>(this::stop);
            Thread.startVirtualThread(stop);
            if (lastWhileEnding && runs) {
                int millis = pause(PAUSE_MILLIS_MAX / 2);
                Kill kill = kill(watch, killer.draw(), true);
                table.add(number, millis, kill);
                table.resolve(kill, Outcome.ENDED);
            }
            stop.get();
            await(
                    PATIENCE,
                    "nothing of the lease to be left",
                    () -> {
                        assertThat(seller.left()).isEmpty();
                        return true;
                    });
            return bill(
                    watch,
                    runs && !isSaved() && !wasHit() ? Optional.of(stopped) : Optional.empty());
        }
    }

    private boolean order() throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "run",
                                "ipxe",
                                "--name",
                                name,
                                "--memory",
                                "512MiB",
                                "--for",
                                "1h"));
        words.addAll(List.of("--allow-emulation", "--yes", "--detach"));
        if (isSaved()) {
            words.addAll(List.of("--checkpoint", "30s"));
        }
        deployment.buyer("buyer", words.toArray(new String[0])).orFail();
        return true;
    }

    /// Orders, and kills as soon as the agent's journal says that it is where it shall be hit.
    private void orderAndKill(GuestWatch watch) throws Exception {
        seller.forgetImages();
        FutureTask<Boolean> order =
                new FutureTask<>(() -> {
                    await(PATIENCE, "the order", this::order);
                    return true;
                });
        Thread.startVirtualThread(order);
        Victim victim = killer.draw();
        // No QEMU is there before its guest is made.
        boolean fetching = kind == Kind.FETCHING && victim != Victim.QEMU;
        awaitStage(fetching ? "FETCHING" : "LAUNCHING");
        int millis = pause(fetching ? FETCH_MILLIS : LAUNCH_MILLIS);
        Kill kill = kill(watch, victim, false);
        table.add(number, millis, kill);
        kills.add(kill);
        order.get();
    }

    /// Returns as soon as the lease is at that stage, or past it.
    private void awaitStage(String stage) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isPast(stage)) {
            assertThat(System.nanoTime()).as("waiting for %s", stage).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private boolean isPast(String stage) throws Exception {
        List<SellerFiles.Entry> journal = seller.journal();
        if (journal.isEmpty() || journal.getFirst().stage().equals("none")) {
            return false;
        }
        int at = EARLY_STAGES.indexOf(journal.getFirst().stage());
        return at < 0 || at >= EARLY_STAGES.indexOf(stage);
    }

    private void killSome(GuestWatch watch, int many) throws Exception {
        Instant before = Instant.now();
        if (kind == Kind.HELD) {
            awaitSeller("pause", "1h");
            await(PATIENCE, "the guest to stand still", this::standsStill);
        }
        Instant still = Instant.now();
        for (int i = 0; i < many; i++) {
            int millis = pause(random.nextBoolean() ? CLOSE_MILLIS_MAX : PAUSE_MILLIS_MAX);
            if (kind == Kind.SAVING && i == 0) {
                awaitSaving();
            }
            if (seller.journal().isEmpty()) {
                break;
            }
            Kill kill = kill(watch, killer.draw(), false);
            table.add(number, millis, kill);
            kills.add(kill);
        }
        if (kind == Kind.HELD) {
            Instant resumed = awaitSeller("resume");
            watch.stoodStill(still, resumed);
            settle(watch);
            heldMost = Duration.between(before, Instant.now());
        }
    }

    private int pause(int millisMax) throws InterruptedException {
        int millis = random.nextInt(millisMax);
        TimeUnit.MILLISECONDS.sleep(millis);
        return millis;
    }

    private boolean standsStill() throws Exception {
        return seller.journal().stream().allMatch(SellerFiles.Entry::standsStill);
    }

    /// Returns in the middle of a checkpoint, or when none came for a while.
    private void awaitSaving() throws Exception {
        long end = System.nanoTime() + SAVING_WITHIN.toNanos();
        while (System.nanoTime() < end && !seller.journal().isEmpty() && !standsStill()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(SAVE_MILLIS));
    }

    /// Gives the agent an order as soon as it takes one.
    ///
    /// @return when it was given, at the earliest
    private Instant awaitSeller(String... words) throws Exception {
        Instant[] given = new Instant[1];
        await(
                PATIENCE,
                String.join(" ", words),
                () -> {
                    given[0] = Instant.now();
                    return deployment.seller(words).exitCode() == 0;
                });
        return given[0];
    }

    private Kill kill(GuestWatch watch, Victim victim, boolean ending) throws Exception {
        List<ProcessHandle> guests = seller.guests();
        if (victim.hitsAgent()) {
            watch.agentDies(TELLING);
        }
        Kill kill = killer.kill(victim, ending);
        boolean started =
                List.of("BOOTING", "BOOTED", "ON_NETWORK", KillTable.STILL).contains(kill.stage());
        guest =
                started && !kill.hitGuest() && !guests.isEmpty()
                        ? Optional.of(guests.getFirst())
                        : guest.filter(_ -> !kill.hitGuest());
        // A start that is hit may fail; a machine that runs may not, unless it was all that there
        // is.
        boolean starting = EARLY_STAGES.contains(kill.stage());
        mayBeLost |= kill.hitGuest() ? !kill.saved() : starting;
        return kill;
    }

    /// Waits until the machine runs and is billed, or is gone.
    ///
    /// @return whether it runs
    private boolean settle(GuestWatch watch) throws Exception {
        boolean runs = awaitMeter(watch);
        if (!runs) {
            assertThat(mayBeLost).as("machine of %s may be lost: %s", name, kills).isTrue();
            assertThat(show()).as("what its buyer is told").containsPattern("FAILED|LOST");
        }
        if (runs) {
            assertThat(guest.map(ProcessHandle::isAlive)).isNotEqualTo(Optional.of(false));
        }
        boolean lost = false;
        for (Kill kill : kills) {
            boolean fatal =
                    !runs && (kill.hitGuest() ? !kill.saved() : kill.equals(kills.getLast()));
            table.resolve(
                    kill,
                    lost
                            ? Outcome.ENDED
                            : fatal
                                    ? Outcome.LOST
                                    : kill.hitGuest() ? Outcome.CAME_BACK : Outcome.WENT_ON);
            lost |= fatal;
        }
        return runs;
    }

    /// Waits until the meter goes on, or the order is over.
    private boolean awaitMeter(GuestWatch watch) throws Exception {
        long before = watch.writtenMillis();
        await(
                PATIENCE,
                "the meter of " + name + " to go on",
                () -> watch.writtenMillis() > before + 2000 || isOver());
        return watch.writtenMillis() > before + 2000;
    }

    private boolean isOver() throws Exception {
        return seller.journal().isEmpty() && show().contains("\"CLOSED\"");
    }

    private String show() throws Exception {
        return deployment.buyer("buyer", "order", "show", name, "--json").orFail();
    }

    private boolean isSaved() {
        return kind == Kind.SAVED || kind == Kind.SAVING;
    }

    private boolean wasHit() {
        return kills.stream().anyMatch(Kill::hitGuest);
    }

    /// Stops the order and waits for its end; one that ended by itself can't be stopped any more.
    private boolean stop() throws Exception {
        deployment.buyer("buyer", "order", "stop", name, "--wait");
        // Its leases tell a state, too; none of theirs is called this.
        await(PATIENCE, "the order to be closed", () -> show().contains("\"CLOSED\""));
        return true;
    }

    private Credits bill(GuestWatch watch, Optional<Instant> ranUntil) throws Exception {
        watch.close();
        String order = show();
        Duration billed = Duration.ofSeconds(Long.parseLong(field(order, "billedSeconds")));
        Duration seen =
                ranUntil.isPresent() && watch.cameOn().isPresent()
                        ? Duration.between(watch.cameOn().get(), ranUntil.get()).minus(heldMost)
                        : Duration.ZERO;
        Duration least = seen.compareTo(watch.written()) > 0 ? seen : watch.written();
        Duration most = watch.ranOnNetwork();
        System.out.printf(
                Locale.ROOT,
                "kills: life %d (%s) billed %d s; it ran %d to %d s on its network%n",
                number,
                kind,
                billed.toSeconds(),
                least.toSeconds(),
                most.toSeconds());
        assertThat(billed).as("billed for " + name).isBetween(least.minus(LESS), most.plus(MORE));
        Credits charged = Credits.parse(field(order, "charged"));
        assertThat(charged).isEqualTo(PRICE.perHourFor(billed.toSeconds()));
        return charged;
    }
}
