// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.Callable;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.config.SettingsException;
import org.sparegrid.agent.config.SettingsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/// `init`.
@Command(name = "init", description = "Write a settings file with every setting and its default.")
final class InitCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Override
    public Integer call() throws IOException, SettingsException {
        AgentCommand.refuseRoot();
        Folders folders = agent.folders();
        boolean there = Files.exists(folders.settings());
        if (!there) {
            SettingsFile.create(folders.settings());
        }
        SettingsFile.load(folders.settings());
        agent.print(
                "sparegrid-agent.init/1",
                Map.of(
                        "settings",
                        folders.settings().toString(),
                        "data",
                        folders.data().toString(),
                        "created",
                        !there),
                (there ? "The settings are there already: " : "Settings written: ")
                        + folders.settings()
                        + "\nNext: sparegrid-agent doctor, then sparegrid-agent join TOKEN");
        return ExitCodes.OK;
    }
}
