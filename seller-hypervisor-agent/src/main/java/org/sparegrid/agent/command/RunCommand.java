// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.Settings;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.config.SettingsFile;
import org.sparegrid.agent.diagnosis.AgentLog;
import org.sparegrid.agent.process.AtomicFile;
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
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(names = "--stop-guests", description = "End all guests when this program stops.")
    private boolean stopGuests;

    @Override
    public Integer call() throws IOException, InterruptedException, SettingsException {
        AgentCommand.refuseRoot();
        Folders folders = agent.folders();
        new AgentLog(AtomicFile.privateFolder(folders.logs())).begin();
        Settings settings = SettingsFile.load(folders.settings());
        AgentRun run = AgentRun.start(folders, settings);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform().name("stop").unstarted(() -> stop(run, ended)));
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
        ended.await();
        return ExitCodes.OK;
    }

    private void stop(AgentRun run, CountDownLatch ended) {
        try {
            if (stopGuests) {
                run.stopGuests();
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
