// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The client's side, which says whatever a test wants it to say.
public final class NbdClient implements AutoCloseable {
    private final SocketChannel channel;

    /// Dials and reads the greeting.
    public NbdClient(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        read(18);
    }

    /// Dials and goes on to reading at once.
    public static NbdClient reading(Path socket) throws IOException {
        NbdClient client = new NbdClient(socket);
        client.send(ByteBuffer.allocate(4).putInt(3));
        client.go(NbdServer.EXPORT);
        while (client.reply().type() != Nbd.ACK) {}
        return client;
    }

    record Reply(int type, byte[] data) {}

    void go(String name) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        option(
                Nbd.OPTION_GO,
                ByteBuffer.allocate(6 + bytes.length)
                        .putInt(bytes.length)
                        .put(bytes)
                        .putShort((short) 0));
    }

    void option(int option, ByteBuffer data) throws IOException {
        data.flip();
        send(
                ByteBuffer.allocate(16 + data.remaining())
                        .putLong(Nbd.OPTION)
                        .putInt(option)
                        .putInt(data.remaining())
                        .put(data));
    }

    Reply reply() throws IOException {
        ByteBuffer head = read(20);
        int type = head.getInt(12);
        return new Reply(type, read(head.getInt(16)).array());
    }

    void ask(int type, long offsetBytes, int lengthBytes) throws IOException {
        send(
                ByteBuffer.allocate(Nbd.REQUEST_BYTES)
                        .putInt(Nbd.REQUEST)
                        .putShort((short) 0)
                        .putShort((short) type)
                        .putLong(offsetBytes)
                        .putLong(offsetBytes)
                        .putInt(lengthBytes));
    }

    /// Reads and waits for the answer; no byte if the server says that it can't.
    public byte[] read(long offsetBytes, int lengthBytes) throws IOException {
        ask(Nbd.READ, offsetBytes, lengthBytes);
        return error() == 0 ? read(lengthBytes).array() : new byte[0];
    }

    int error() throws IOException {
        return read(16).getInt(4);
    }

    void send(ByteBuffer bytes) throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    ByteBuffer read(int lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("closed after " + bytes.position());
            }
        }
        return bytes.flip();
    }

    boolean isClosed() {
        try {
            return channel.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
