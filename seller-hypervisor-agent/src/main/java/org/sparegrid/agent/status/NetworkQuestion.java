// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Trace;

/// What is asked of the running agent's [NetworkTools] over its [StatusSocket].
///
/// A question is one line: `net peers LEASE`, `net ping LEASE NAME MILLIS`, `net trace LEASE NAME`
/// or `net capture LEASE`, where LEASE may be `-`. The answer is a line, `ok` or `error` and why,
/// and after `ok` a JSON text, or a pcapng file until the asker closes its side.
public record NetworkQuestion(Path socket, String lease) {
    /// How each line begins.
    static final String PREFIX = "net ";

    private static final String ANY = "-";
    private static final String OK = "ok";
    private static final Duration PING_MAX = Duration.ofSeconds(30);
    private static final int LINE_BYTES_MAX = 4096;

    /// Checks what becomes part of a line.
    public NetworkQuestion {
        checkWord(lease.isEmpty() ? ANY : lease);
    }

    /// The peers of the guest, or of all.
    public GuestPeers.All peers() throws IOException {
        return ask("peers", "", GuestPeers.All.class);
    }

    /// Asks a peer for an echo.
    public Echo ping(String name, Duration timeout) throws IOException {
        return ask("ping", " " + checkWord(name) + " " + timeout.toMillis(), Echo.class);
    }

    /// Where a peer was looked for.
    public Trace trace(String name) throws IOException {
        return ask("trace", " " + checkWord(name), Trace.class);
    }

    /// The sealed datagrams of the guest, as a file that ends when our side is closed.
    public SocketChannel capture() throws IOException {
        return open("capture", "");
    }

    private static String checkWord(String word) {
        if (!word.matches("[A-Za-z0-9._:-]{1,100}")) {
            throw new IllegalArgumentException(
                    "expected a name of letters, digits, '.', '_', ':' and '-', got '"
                            + word
                            + "'");
        }
        return word;
    }

    private <T> T ask(String verb, String rest, Class<T> answer) throws IOException {
        try (SocketChannel channel = open(verb, rest)) {
            byte[] json = Channels.newInputStream(channel).readNBytes(Format.LENGTH_MAX_BYTES);
            return Format.JSON.read(json, answer);
        } catch (MessageFormatException strange) {
            throw new IOException("the running agent's answer: " + strange.getMessage(), strange);
        }
    }

    private SocketChannel open(String verb, String rest) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            if (!StatusSocket.connect(channel, socket)) {
                throw new IOException("no agent runs here; start it: sparegrid-agent run");
            }
            String line = PREFIX + verb + " " + (lease.isEmpty() ? ANY : lease) + rest + "\n";
            StatusSocket.write(channel, line.getBytes(StandardCharsets.US_ASCII));
            String answer = readLine(channel);
            if (!answer.equals(OK)) {
                throw new IOException(
                        answer.startsWith("error ")
                                ? answer.substring("error ".length())
                                : "the running agent is older than this command or could not do"
                                        + " it; its log says why");
            }
            return channel;
        } catch (IOException refused) {
            channel.close();
            throw refused;
        }
    }

    /// Reads up to a line feed and nothing beyond it.
    private static String readLine(SocketChannel channel) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (line.size() < LINE_BYTES_MAX
                && channel.read(one.clear()) == 1
                && one.get(0) != '\n') {
            line.write(one.get(0));
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /// Answers a line.
    static void answer(SocketChannel channel, String line, NetworkTools tools)
            throws IOException, InterruptedException {
        String[] words = line.substring(PREFIX.length()).split(" ");
        try {
            if (words.length == 2 && words[0].equals("capture")) {
                try (Capture capture = tools.capture(lease(words))) {
                    StatusSocket.write(channel, (OK + "\n").getBytes(StandardCharsets.US_ASCII));
                    capture.serve(channel, "sparegrid-agent");
                }
                return;
            }
            byte[] json = Format.JSON.write(answer(words, tools));
            StatusSocket.write(channel, (OK + "\n").getBytes(StandardCharsets.US_ASCII));
            StatusSocket.write(channel, json);
        } catch (IOException | IllegalArgumentException refused) {
            String why = String.valueOf(refused.getMessage()).replace('\n', ' ');
            StatusSocket.write(channel, ("error " + why + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static Object answer(String[] words, NetworkTools tools)
            throws IOException, InterruptedException {
        return switch (words[0] + "/" + words.length) {
            case "peers/2" -> tools.peers(lease(words));
            case "ping/4" -> tools.ping(lease(words), words[2], span(words[3]));
            case "trace/3" -> tools.trace(lease(words), words[2]);
            default -> throw new IOException("the running agent doesn't know this question");
        };
    }

    private static String lease(String[] words) {
        return words[1].equals(ANY) ? "" : words[1];
    }

    private static Duration span(String millis) {
        return Duration.ofMillis(Math.clamp(Long.parseLong(millis), 1, PING_MAX.toMillis()));
    }
}
