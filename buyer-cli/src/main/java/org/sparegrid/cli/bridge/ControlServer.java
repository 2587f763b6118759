// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Trace;

/// The daemon's control socket; only this user can open it, as it lies in a folder of theirs.
final class ControlServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlServer.class.getName());
    private static final Duration PING_MAX = Duration.ofSeconds(30);

    private final ServerSocketChannel server;
    private final Service service;

    /// What is asked for over the socket.
    interface Service {
        Peers peers();

        Echo ping(String name, Duration timeout) throws IOException, InterruptedException;

        /// Where a member was looked for.
        Trace trace(String name) throws IOException;

        /// A connection to a port of a member.
        Link connect(String name, int port) throws IOException;

        /// Writes a capture file of the frames that pass, until `capture` is closed.
        Capture capture();

        void stop();
    }

    /// Both directions of a connection.
    interface Link extends AutoCloseable {
        InputStream inputStream() throws IOException;

        OutputStream outputStream() throws IOException;

        @Override
        void close() throws IOException;
    }

    private ControlServer(ServerSocketChannel server, Service service) {
        this.server = server;
        this.service = service;
    }

    static ControlServer open(Path socket, Service service) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        ControlServer opened = new ControlServer(server, service);
        Thread.ofPlatform().name("control").daemon().start(opened::accept);
        return opened;
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                Thread.ofVirtual().name("control-client").start(() -> serve(client));
            } catch (ClosedChannelException ended) {
                return;
            } catch (IOException failed) {
                LOG.log(System.Logger.Level.WARNING, "control socket failed", failed);
                return;
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            String[] words = ControlClient.readLine(client).split(" ");
            try {
                answer(client, words);
            } catch (IOException | IllegalArgumentException refused) {
                String message = String.valueOf(refused.getMessage()).replace('\n', ' ');
                write(client, "error " + message + "\n");
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } catch (IOException gone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "control client went away cause=" + gone);
        }
    }

    private void answer(SocketChannel client, String[] words)
            throws IOException, InterruptedException {
        switch (words[0] + "/" + words.length) {
            case "peers/1" -> writeJson(client, service.peers());
            case "ping/3" -> {
                Duration timeout =
                        Duration.ofMillis(Math.min(Long.parseLong(words[2]), PING_MAX.toMillis()));
                writeJson(client, service.ping(words[1], timeout));
            }
            case "trace/2" -> writeJson(client, service.trace(words[1]));
            case "connect/3" -> {
                try (Link link = service.connect(words[1], Integer.parseInt(words[2]))) {
                    write(client, "ok\n");
                    relay(client, link);
                }
            }
            case "capture/1" -> {
                try (Capture capture = service.capture()) {
                    write(client, "ok\n");
                    capture.serve(client, "sparegrid");
                }
            }
            case "stop/1" -> {
                write(client, "ok\n");
                service.stop();
            }
            default -> throw new IOException("the network daemon does not know this request");
        }
    }

    private static void relay(SocketChannel client, Link link)
            throws IOException, InterruptedException {
        OutputStream out = link.outputStream();
        Thread sending =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Channels.newInputStream(client).transferTo(out);
                                out.close();
                            } catch (IOException _) {
                                // Reading, below, sees the same end.
                            }
                        });
        try {
            InputStream in = link.inputStream();
            byte[] buffer = new byte[64 * 1024];
            int length = in.read(buffer);
            while (length >= 0) {
                write(client, ByteBuffer.wrap(buffer, 0, length));
                length = in.read(buffer);
            }
            client.shutdownOutput();
        } finally {
            client.close();
            link.close();
            sending.join();
        }
    }

    private static void writeJson(SocketChannel client, Object value) throws IOException {
        write(client, "ok " + new String(Format.JSON.write(value), StandardCharsets.UTF_8) + "\n");
    }

    private static void write(SocketChannel client, String text) throws IOException {
        write(client, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void write(SocketChannel client, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
