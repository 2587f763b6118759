// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.sparegrid.agent.benchmark.Benchmark;
import org.sparegrid.agent.benchmark.Figure;
import org.sparegrid.agent.benchmark.Figures;
import org.sparegrid.agent.benchmark.Line;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.agent.identity.NotJoinedException;
import org.sparegrid.agent.process.AtomicFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `benchmark`.
@Command(
        name = "benchmark",
        description = {
            "Measure processors, memory, disk and the line to the coordinator now.",
            "The running agent does the same by itself, see the setting benchmark-interval;",
            "what this command finds changes no offer. Takes some seconds of all processors."
        })
final class BenchmarkCommand implements Callable<Integer> {
    @ParentCommand private AgentCommand agent = new AgentCommand();

    @Option(names = "--without-line", description = "Leave the line to the coordinator alone.")
    private boolean withoutLine;

    @Override
    public Integer call() throws IOException {
        Folders folders = agent.folders();
        folders.create();
        Optional<Line> line = withoutLine ? Optional.empty() : line(folders);
        Figures figures;
        try {
            figures = Benchmark.run(AtomicFile.privateFolder(folders.disks()), line, Instant.now());
        } finally {
            line.ifPresent(Line::close);
        }
        StringBuilder text = new StringBuilder();
        figures.figures().stream().map(Figure::line).forEach(l -> text.append(l).append('\n'));
        figures.missing().forEach(m -> text.append("not measured: ").append(m).append('\n'));
        agent.print("sparegrid-agent.benchmark/1", figures, text.toString());
        return ExitCodes.OK;
    }

    /// Only a computer that has joined has a coordinator.
    private static Optional<Line> line(Folders folders) throws IOException {
        try {
            Identity identity = Identity.load(folders.data());
            return Optional.of(new Line(identity.coordinator(), identity.tls()));
        } catch (NotJoinedException stranger) {
            return Optional.empty();
        }
    }
}
