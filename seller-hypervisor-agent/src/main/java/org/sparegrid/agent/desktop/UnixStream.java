// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A Unix socket whose reads end after a while, because a hung desktop must not hang us.
final class UnixStream implements AutoCloseable {
    private static final long WAIT_MILLIS_MAX = 500;

    private final SocketChannel channel;
    private final Selector selector;

    private UnixStream(SocketChannel channel, Selector selector) {
        this.channel = channel;
        this.selector = selector;
    }

    static UnixStream connect(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            return new UnixStream(channel, selector);
        } catch (IOException | IllegalArgumentException failed) {
            channel.close();
            throw new IOException("connecting to " + path + ": " + failed.getMessage(), failed);
        }
    }

    void write(ByteBuffer bytes) throws IOException {
        // What we write is far smaller than the socket's buffer; a peer that lets it fill is hung.
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            throw new IOException("the other side does not read");
        }
    }

    ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes);
            if (read < 0) {
                throw new EOFException("the other side hung up");
            }
            if (read == 0 && selector.select(WAIT_MILLIS_MAX) == 0) {
                throw new IOException("no answer within " + WAIT_MILLIS_MAX + " ms");
            }
            selector.selectedKeys().clear();
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
