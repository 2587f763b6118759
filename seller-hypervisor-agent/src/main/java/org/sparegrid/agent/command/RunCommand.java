// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.diagnosis.AgentLog;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.agent.process.NextProgram;
import org.sparegrid.agent.process.Supervisor;
import org.sparegrid.agent.release.InstalledProgram;
import org.sparegrid.agent.release.Versions;
import org.sparegrid.agent.selling.AgentRun;
import org.sparegrid.protocol.FailureText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `run`.
@Command(
        name = "run",
        description = {
            "Sell until stopped with Ctrl-C or SIGTERM.",
            "Guests run on when this program stops, and are taken up again by the next run."
        })
final class RunCommand implements Callable<Integer> {
    private static final System.Logger LOG = System.getLogger(RunCommand.class.getName());

    /// Between two looks at a version that has yet to show that it works.
    private static final long LOOK_MILLIS = 250;

    /// Between two looks at what systemd is told.
    private static final long SAY_SECONDS = 10;

    /// Six hours; nobody takes away what is younger than a day.
    private static final long LOOKS_UNTIL_USED = 6 * 3600 / SAY_SECONDS;

    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(names = "--stop-guests", description = "End all guests when this program stops.")
    private boolean stopGuests;

    private final Supervisor supervisor = Supervisor.of(System.getenv());
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CompletableFuture<AgentRun> started = new CompletableFuture<>();

    /// Whether it stops, or gives its place to another version; it does only one of these.
    private final AtomicBoolean ending = new AtomicBoolean();

    @Override
    public Integer call() throws IOException, InterruptedException, SettingsException {
        AgentCommand.refuseRoot();
        Folders folders = agent.folders();
        new AgentLog(AtomicFile.privateFolder(folders.logs())).begin();
        Settings settings = SettingsFile.load(folders.settings());
        AgentRun run = AgentRun.start(folders, settings, this::restart);
        started.complete(run);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(run)));
        Thread.ofVirtual().name("trial").start(() -> proveItself(folders, run));
        agent.out()
                .println(
                        run.whyNot().isEmpty()
                                ? "Selling "
                                        + run.ask().slots()
                                        + " slot(s) for "
                                        + run.ask().pricePerHour()
                                        + " an hour each; "
                                        + run.ask().accelerationReason()
                                : "Not selling:\n  " + String.join("\n  ", run.whyNot()));
        agent.out().flush();
        supervisor.ready();
        attend(folders, run);
        return ExitCodes.OK;
    }

    /// Until the end: tells systemd how it stands, and has nobody clear away what is in use.
    private void attend(Folders folders, AgentRun run) throws InterruptedException {
        String said = "";
        long looks = 0;
        do {
            String now = run.summary();
            if (!now.equals(said)) {
                supervisor.say(now);
                said = now;
            }
            if (++looks % LOOKS_UNTIL_USED == 0) {
                use(folders);
            }
        } while (!ended.await(SAY_SECONDS, TimeUnit.SECONDS));
    }

    private static void use(Folders folders) {
        try {
            folders.useRuntime(Instant.now());
        } catch (IOException unreadable) {
            LOG.log(System.Logger.Level.DEBUG, () -> "files not marked cause=" + unreadable);
        }
    }

    /// A version that an update brought says that it works, or gives its place back.
    private void proveItself(Folders folders, AgentRun run) {
        Versions versions = new Versions(folders.data());
        try {
            Optional<Versions.Trial> trial =
                    versions.trial().filter(t -> t.version().equals(InstalledProgram.version()));
            if (trial.isEmpty()) {
                return;
            }
            Optional<String> missing = run.missing();
            for (long waited = 0;
                    missing.isPresent() && waited < trial.get().seconds() * 1000;
                    waited += LOOK_MILLIS) {
                Thread.sleep(LOOK_MILLIS);
                missing = run.missing();
            }
            if (missing.isEmpty()) {
                prune(versions, trial.get().before());
                versions.confirm();
                LOG.log(
                        System.Logger.Level.INFO,
                        () -> "version works version=" + trial.get().version());
                return;
            }
            String why = missing.get() + ", within " + trial.get().seconds() + " s of its start";
            LOG.log(
                    System.Logger.Level.ERROR,
                    () -> "version given up version=" + trial.get().version() + " cause=" + why);
            versions.goBack(trial.get(), why);
            restart();
        } catch (IOException unwritten) {
            LOG.log(System.Logger.Level.ERROR, "trial not ended", unwritten);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static void prune(Versions versions, String before) {
        try {
            versions.prune(before);
        } catch (IOException left) {
            LOG.log(System.Logger.Level.WARNING, () -> "old version left cause=" + left);
        }
    }

    /// Gives this process to the version in use. Any thread; returns at once.
    private void restart() {
        Thread.ofPlatform().name("restart").start(this::giveUpPlace);
    }

    private void giveUpPlace() {
        AgentRun run = started.join();
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        try {
            Path launcher =
                    InstalledProgram.launcher()
                            .orElseThrow(() ->
                                    new IOException("it was not started by bin/sparegrid-agent"));
            List<String> command = new ArrayList<>(List.of(launcher.toString()));
            command.addAll(agent.words());
            LOG.log(System.Logger.Level.INFO, () -> "agent restarts launcher=" + launcher);
            run.close();
            NextProgram.become(command);
        } catch (IOException failed) {
            LOG.log(System.Logger.Level.ERROR, "agent not restarted", failed);
            // Whoever keeps services running starts it again.
            Runtime.getRuntime().halt(ExitCodes.FAILED);
        }
    }

    private void stop(AgentRun run) {
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        try {
            supervisor.stopping();
            if (stopGuests) {
                run.stopGuests();
            } else if (supervisor.isGoingDown()) {
                run.parkGuests("the seller's computer or session goes down");
            }
            run.close();
        } catch (IOException failed) {
            agent.err().println("error: " + FailureText.of(failed));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }
}
