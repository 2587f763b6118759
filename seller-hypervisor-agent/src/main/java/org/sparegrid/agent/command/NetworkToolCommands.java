// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.sparegrid.agent.status.GuestPeers;
import org.sparegrid.agent.status.NetworkQuestion;
import org.sparegrid.virtualethernet.capture.Recording;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Peer;
import org.sparegrid.virtualethernet.report.Trace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// What of `net` looks at the guests' networks through the running agent.
final class NetworkToolCommands {
    private NetworkToolCommands() {}

    /// What they share.
    abstract static class Tool implements Callable<Integer> {
        @ParentCommand private NetworkCommand group = new NetworkCommand();

        @Option(
                names = "--lease",
                paramLabel = "LEASE",
                description = "The guest's lease; not needed while there is only one.")
        private String lease = "";

        AgentCommand agent() {
            return group.agent();
        }

        NetworkQuestion running() {
            return new NetworkQuestion(agent().folders().controlSocket(), lease);
        }
    }

    /// `net peers`.
    @Command(
            name = "peers",
            description = {
                "List the peers of the guests, of all or of one lease's: the path to each, round",
                "trip, path MTU, age of the session, and bytes of sealed packets each way."
            })
    static final class Peers extends Tool {
        @Override
        public Integer call() throws IOException {
            GuestPeers.All all = running().peers();
            StringBuilder text = new StringBuilder();
            all.guests().forEach(guest -> write(text, guest));
            if (all.guests().isEmpty()) {
                text.append("no guest is on its network here");
            }
            agent().print("sparegrid-agent.peers/1", all, text.toString());
            return ExitCodes.OK;
        }

        private static void write(StringBuilder text, GuestPeers guest) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%s, %s of %s: got %d KiB, sent %d KiB, saved relays %d KiB%n",
                            guest.lease(),
                            guest.name(),
                            guest.network(),
                            guest.receivedBytes() >> 10,
                            guest.sentBytes() >> 10,
                            guest.savedBytes() >> 10));
            String row = "  %-16s %-15s %9s %5s %8s %9s %9s %10s  %s%n";
            text.append(
                    String.format(
                            Locale.ROOT,
                            row,
                            "PEER",
                            "ADDRESS",
                            "RTT",
                            "MTU",
                            "SESSION",
                            "RECV KiB",
                            "SENT KiB",
                            "DIRECT KiB",
                            "PATH"));
            for (Peer peer : guest.peers()) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                row,
                                peer.name(),
                                peer.address(),
                                Peer.millis(peer.roundTripMicros()),
                                peer.mtuBytes() < 0 ? "-" : String.valueOf(peer.mtuBytes()),
                                peer.handshakeSecondsAgo() < 0
                                        ? "-"
                                        : peer.handshakeSecondsAgo() + " s",
                                peer.receivedBytes() >> 10,
                                peer.sentBytes() >> 10,
                                peer.directBytes() >> 10,
                                peer.path()
                                        + (peer.relayed() && !peer.why().isEmpty()
                                                ? " (" + peer.why() + ")"
                                                : "")));
            }
        }
    }

    /// `net ping`.
    @Command(
            name = "ping",
            description = {
                "Ask a peer of a guest for an echo, as if the guest had asked, and show the path",
                "and why it is not direct. The guest sees nothing of it."
            })
    static final class Ping extends Tool {
        private static final int COUNT_MAX = 1000;
        private static final Duration WAIT = Duration.ofSeconds(5);
        private static final Duration BETWEEN = Duration.ofSeconds(1);

        private record Pings(List<Echo> pings) {}

        @Parameters(paramLabel = "NAME", description = "The peer, as in node2, or its address.")
        private String name = "";

        @Option(
                names = {"-c", "--count"},
                paramLabel = "N",
                defaultValue = "3",
                description = "How often, a second apart (default: ${DEFAULT-VALUE}).")
        private int count = 3;

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (count < 1 || count > COUNT_MAX) {
                throw new IllegalArgumentException("--count: expected 1 to 1000, got " + count);
            }
            List<Echo> echoes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                if (i > 0) {
                    Thread.sleep(BETWEEN);
                }
                Echo echo = running().ping(name, WAIT);
                echoes.add(echo);
                agent().progress(echo.line());
            }
            agent().printOnlyJson("sparegrid-agent.ping/1", new Pings(echoes));
            return echoes.stream().anyMatch(Echo::wasAnswered)
                    ? ExitCodes.OK
                    : ExitCodes.UNREACHABLE;
        }
    }

    /// `net trace`.
    @Command(
            name = "trace",
            description = {
                "Show where a direct path to a peer of a guest was looked for, and what came of it.",
                "Nothing is looked for while there is nothing to send: ping it first."
            })
    static final class TraceCommand extends Tool {
        @Parameters(paramLabel = "NAME", description = "The peer, as in node2, or its address.")
        private String name = "";

        @Override
        public Integer call() throws IOException {
            Trace trace = running().trace(name);
            StringBuilder text = new StringBuilder(trace.line()).append(System.lineSeparator());
            String row = "  %-8s %9s %10s  %s%n";
            if (!trace.tried().isEmpty()) {
                text.append(
                        String.format(Locale.ROOT, row, "ANSWERS", "RTT", "UNANSWERED", "ADDRESS"));
            }
            for (Trace.Tried tried : trace.tried()) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                row,
                                tried.words(),
                                Peer.millis(tried.roundTripMicros()),
                                tried.unanswered(),
                                tried.address()));
            }
            agent().print("sparegrid-agent.trace/1", trace, text.toString());
            return ExitCodes.OK;
        }
    }

    /// `net capture`.
    @Command(
            name = "capture",
            description = {
                "Write the sealed datagrams between a guest and its peers to a pcapng file for",
                "Wireshark or tcpdump. What is in them stays the buyer's: no key is written.",
                "Needs no root. Ends with Ctrl-C, or after --seconds or --count."
            })
    static final class CaptureCommand extends Tool {
        private static final String STANDARD_OUTPUT = "-";

        /// @param file where they are
        private record Captured(String file, long datagrams, long bytes) {}

        @Parameters(paramLabel = "FILE", description = "The new file, or - for standard output.")
        private String file = "";

        @Option(names = "--seconds", paramLabel = "N", description = "End after that time.")
        private int seconds;

        @Option(
                names = {"-c", "--count"},
                paramLabel = "N",
                description = "End after that many datagrams.")
        private long count;

        @Override
        public Integer call() throws IOException {
            if (seconds < 0 || count < 0) {
                throw new IllegalArgumentException("--seconds and --count: expected 1 or more");
            }
            try (SocketChannel datagrams = running().capture();
                    OutputStream out = open()) {
                Recording all = Recording.write(datagrams, out, seconds, count);
                String text = all.frames() + " datagrams, " + all.bytes() + " bytes";
                if (file.equals(STANDARD_OUTPUT)) {
                    agent().err().println(text);
                } else {
                    agent().print(
                                    "sparegrid-agent.capture/1",
                                    new Captured(file, all.frames(), all.bytes()),
                                    text);
                }
            }
            return ExitCodes.OK;
        }

        private OutputStream open() throws IOException {
            if (file.equals(STANDARD_OUTPUT)) {
                return new FileOutputStream(FileDescriptor.out);
            }
            try {
                OutputStream out =
                        Files.newOutputStream(Path.of(file), StandardOpenOption.CREATE_NEW);
                agent().progress("Capturing into " + file + "; Ctrl-C ends it");
                return out;
            } catch (FileAlreadyExistsException there) {
                throw new IllegalArgumentException(
                        file + " exists already; name a file that does not", there);
            }
        }
    }
}
