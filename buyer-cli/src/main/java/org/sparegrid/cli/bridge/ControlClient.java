// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Trace;

/// Asks a network daemon over its control socket.
///
/// A request is one line of words. The answer is a line, `ok` and perhaps a JSON text behind it, or
/// `error` and the reason. After `ok` to `connect` the socket is the connection, and after `ok` to
/// `capture` a pcapng file, until the client closes its side.
public final class ControlClient {
    private static final int LINE_BYTES_MAX = 1 << 20;

    private final Path socket;

    public ControlClient(Path socket) {
        this.socket = socket;
    }

    /// The daemon's peers.
    public Peers peers() throws IOException {
        return ask("peers", Peers.class);
    }

    /// Sends one ICMP echo to a member and waits for the answer.
    public Echo ping(String name, Duration timeout) throws IOException {
        return ask("ping " + name + " " + timeout.toMillis(), Echo.class);
    }

    /// Where the daemon has looked for a member.
    public Trace trace(String name) throws IOException {
        return ask("trace " + name, Trace.class);
    }

    /// Asks the daemon to leave the network and end.
    public void stop() throws IOException {
        try (Connection connection = request("stop")) {
            connection.answer();
        }
    }

    /// Connects to a port of a member; returns once it has answered.
    public SocketChannel connect(String name, int port) throws IOException {
        return opened(request("connect " + name + " " + port));
    }

    private static SocketChannel opened(Connection connection) throws IOException {
        try {
            connection.answer();
            return connection.channel();
        } catch (IOException refused) {
            connection.close();
            throw refused;
        }
    }

    /// The frames that pass, as a capture file without end; closing it ends the capture.
    public SocketChannel capture() throws IOException {
        return opened(request("capture"));
    }

    private <T> T ask(String line, Class<T> answer) throws IOException {
        try (Connection connection = request(line)) {
            return Format.JSON.read(connection.answer(), answer);
        } catch (MessageFormatException malformed) {
            throw new IOException("the network daemon's answer can't be read", malformed);
        }
    }

    private Connection request(String line) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return new Connection(channel);
    }

    private record Connection(SocketChannel channel) implements Closeable {
        /// What stands behind `ok`.
        String answer() throws IOException {
            String line = readLine(channel);
            if (line.equals("ok")) {
                return "";
            }
            if (line.startsWith("ok ")) {
                return line.substring(3);
            }
            throw new IOException(
                    line.startsWith("error ")
                            ? line.substring(6)
                            : "the network daemon ended without an answer");
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /// Reads up to a line feed and nothing beyond it.
    static String readLine(SocketChannel channel) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (line.size() < LINE_BYTES_MAX && channel.read(one) == 1) {
            byte b = one.flip().get();
            one.clear();
            if (b == '\n') {
                break;
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /// Carries bytes both ways between a connection and this process's standard streams until the
    /// machine closes it.
    public static void relay(
            SocketChannel channel, java.io.InputStream in, java.io.OutputStream out)
            throws IOException {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        in.transferTo(Channels.newOutputStream(channel));
                        channel.shutdownOutput();
                    } catch (IOException _) {
                        // The other direction sees the same end and reports it.
                    }
                });
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        while (channel.read(buffer) >= 0) {
            buffer.flip();
            out.write(buffer.array(), 0, buffer.limit());
            out.flush();
            buffer.clear();
        }
    }
}
