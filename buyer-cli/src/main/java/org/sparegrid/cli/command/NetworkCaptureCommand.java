// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.sparegrid.cli.bridge.ControlClient;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.virtualethernet.capture.Recording;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `net capture`.
@Command(
        name = "capture",
        description = {
            "Write the frames between this computer and a network to a file for Wireshark.",
            "Needs no root. Ends with Ctrl-C, or after --seconds or --count."
        },
        footer = {
            "",
            "  sparegrid net capture trouble.pcapng --seconds 30",
            "  sparegrid net capture - | tcpdump -n -r -"
        })
final class NetworkCaptureCommand extends ShellCommand {
    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "The new file, or - for standard output.")
    private String file = "";

    @Option(names = "--network", paramLabel = "NETWORK", description = "The network.")
    private String network = "";

    @Option(names = "--seconds", paramLabel = "N", description = "End after that time.")
    private int seconds;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "N",
            description = "End after that many frames.")
    private long count;

    @Override
    int run() throws IOException, Failure {
        if (seconds < 0 || count < 0) {
            throw new Failure(ExitCode.USAGE, "--seconds and --count: expected 1 or more");
        }
        ControlClient control = new ControlClient(NetworkCommand.joined(shell(), network).socket());
        try (SocketChannel frames = control.capture();
                OutputStream out = open()) {
            if (!file.equals("-")) {
                terminal().note("Capturing into " + file + "; Ctrl-C ends it");
            }
            Recording all = Recording.write(frames, out, seconds, count);
            terminal()
                    .note(
                            all.frames()
                                    + (all.frames() == 1 ? " frame, " : " frames, ")
                                    + Plain.bytes(all.bytes()));
        }
        return 0;
    }

    private OutputStream open() throws IOException, Failure {
        if (file.equals("-")) {
            return terminal().out();
        }
        try {
            return Files.newOutputStream(Path.of(file), StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException there) {
            throw new Failure(ExitCode.USAGE, file + " exists already; name a file that does not");
        }
    }
}
