// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Supplier;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Gives whoever connects the report of this moment, and hangs up. Only this user can connect.
public final class StatusSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StatusSocket.class.getName());

    private final Path path;
    private final ServerSocketChannel server;
    private final Supplier<StatusReport> report;

    private StatusSocket(Path path, ServerSocketChannel server, Supplier<StatusReport> report) {
        this.path = path;
        this.server = server;
        this.report = report;
    }

    /// Listens at `path` from now on.
    public static StatusSocket open(Path path, Supplier<StatusReport> report) throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        StatusSocket socket = new StatusSocket(path, server, report);
        Thread.ofVirtual().name("status").start(socket::serve);
        return socket;
    }

    /// The running agent's report, if one runs.
    public static Optional<StatusReport> ask(Path path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
            } catch (IOException nobodyListens) {
                return Optional.empty();
            }
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(8192);
            while (channel.read(buffer.clear()) >= 0 && text.size() < Format.LENGTH_MAX_BYTES) {
                text.write(buffer.array(), 0, buffer.position());
            }
            return Optional.of(Format.JSON.read(text.toByteArray(), StatusReport.class));
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
            try (SocketChannel channel = server.accept()) {
                ByteBuffer rest = ByteBuffer.wrap(Format.JSON.write(report.get()));
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
            } catch (IOException | RuntimeException failed) {
                LOG.log(System.Logger.Level.DEBUG, () -> "status not given cause=" + failed);
            }
        }
    }
}
