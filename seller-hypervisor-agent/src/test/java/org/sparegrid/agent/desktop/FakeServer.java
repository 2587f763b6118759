// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A server on a Unix socket that serves one connection after the other.
public final class FakeServer implements AutoCloseable {
    private final ServerSocketChannel server;

    /// What it does with a connection.
    public interface Service {
        /// Serves one connection until it ends.
        void serve(SocketChannel channel) throws IOException;
    }

    /// Listens from now on.
    public FakeServer(Path path, Service service) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread.startVirtualThread(() -> {
            while (server.isOpen()) {
                try (SocketChannel channel = server.accept()) {
                    service.serve(channel);
                } catch (IOException over) {
                    continue;
                }
            }
        });
    }

    /// Reads so many bytes.
    public static ByteBuffer read(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("over");
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
