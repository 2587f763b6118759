// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;
import org.sparegrid.cli.bridge.ControlClient;
import org.sparegrid.cli.output.Plain;
import org.sparegrid.virtualethernet.capture.PcapNg;
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
    /// Longer than any block that the daemon writes.
    private static final int BLOCK_BYTES_MAX = 1 << 20;

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
            Timer timer = new Timer("capture-end", true);
            if (seconds > 0) {
                timer.schedule(
                        new TimerTask() {
                            @Override
                            public void run() {
                                end(frames);
                            }
                        },
                        Duration.ofSeconds(seconds).toMillis());
            }
            copy(frames, out);
            timer.cancel();
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

    /// Copies whole blocks, so that the file can be read whenever we are ended.
    private void copy(SocketChannel frames, OutputStream out) throws IOException {
        InputStream in = Channels.newInputStream(frames);
        long copied = 0;
        long bytes = 0;
        while (true) {
            byte[] header = in.readNBytes(PcapNg.HEADER_LENGTH);
            if (header.length == 0) {
                break;
            }
            ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            if (header.length < PcapNg.HEADER_LENGTH) {
                throw new EOFException("the network daemon ended within a frame");
            }
            int type = fields.getInt();
            int length = fields.getInt() - PcapNg.HEADER_LENGTH;
            if (length < 0 || length > BLOCK_BYTES_MAX) {
                throw new IOException("the network daemon's capture can't be read");
            }
            byte[] block = new byte[PcapNg.HEADER_LENGTH + length];
            System.arraycopy(header, 0, block, 0, PcapNg.HEADER_LENGTH);
            if (in.readNBytes(block, PcapNg.HEADER_LENGTH, length) < length) {
                throw new EOFException("the network daemon ended within a frame");
            }
            boolean frame = type == PcapNg.ENHANCED_PACKET;
            if (frame && count > 0 && copied == count) {
                continue;
            }
            out.write(block);
            out.flush();
            copied += frame ? 1 : 0;
            bytes += frame ? length : 0;
            if (frame && copied == count) {
                end(frames);
            }
        }
        terminal().note(copied + (copied == 1 ? " frame, " : " frames, ") + Plain.bytes(bytes));
    }

    private static void end(SocketChannel frames) {
        try {
            frames.shutdownOutput();
        } catch (IOException gone) {
            // Reading sees the same end.
        }
    }
}
