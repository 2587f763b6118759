// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Function;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Takes a command of whoever connects, answers with the report of this moment, and hangs up. Only
/// this user can connect.
public final class StatusSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StatusSocket.class.getName());

    /// The longest command, in bytes.
    private static final int COMMAND_BYTES_MAX = 100;

    private final Path path;
    private final ServerSocketChannel server;
    private final Function<OwnerCommand, StatusReport> obey;

    private StatusSocket(
            Path path, ServerSocketChannel server, Function<OwnerCommand, StatusReport> obey) {
        this.path = path;
        this.server = server;
        this.obey = obey;
    }

    /// Listens at `path` from now on.
    public static StatusSocket open(Path path, Function<OwnerCommand, StatusReport> obey)
            throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        StatusSocket socket = new StatusSocket(path, server, obey);
        Thread.ofVirtual().name("status").start(socket::serve);
        return socket;
    }

    /// The running agent's report, if one runs.
    public static Optional<StatusReport> ask(Path path) throws IOException {
        return ask(path, new OwnerCommand.Report());
    }

    /// The running agent's report after it obeyed, if one runs.
    public static Optional<StatusReport> ask(Path path, OwnerCommand command) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
            } catch (IOException nobodyListens) {
                return Optional.empty();
            }
            write(channel, (command.line() + "\n").getBytes(StandardCharsets.US_ASCII));
            byte[] text = read(channel, Format.LENGTH_MAX_BYTES, false);
            return Optional.of(Format.JSON.read(text, StatusReport.class));
        } catch (MessageFormatException strange) {
            throw new IOException("the running agent's answer: " + strange.getMessage(), strange);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }

    private void serve() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Thread.startVirtualThread(() -> answer(channel));
            } catch (IOException closed) {
                LOG.log(System.Logger.Level.DEBUG, () -> "status socket closed cause=" + closed);
            }
        }
    }

    private void answer(SocketChannel opened) {
        try (SocketChannel channel = opened) {
            byte[] line = read(channel, COMMAND_BYTES_MAX, true);
            OwnerCommand command =
                    OwnerCommand.parse(new String(line, StandardCharsets.US_ASCII).strip());
            write(channel, Format.JSON.write(obey.apply(command)));
        } catch (IOException | RuntimeException failed) {
            LOG.log(System.Logger.Level.DEBUG, () -> "status not given cause=" + failed);
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    /// Reads to the end, or to the end of the line.
    private static byte[] read(SocketChannel channel, int bytesMax, boolean line)
            throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (channel.read(buffer.clear()) >= 0 && text.size() < bytesMax) {
            text.write(buffer.array(), 0, buffer.position());
            if (line && buffer.array()[buffer.position() - 1] == '\n') {
                break;
            }
        }
        return text.toByteArray();
    }
}
