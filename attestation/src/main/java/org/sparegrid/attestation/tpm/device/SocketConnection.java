// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/// A TPM emulator (swtpm) that takes plain commands on a TCP or Unix socket.
public final class SocketConnection implements TpmConnection {
    private static final int HEADER_LENGTH = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60); // an RSA key takes seconds

    private final SocketChannel socket;
    private final Selector selector;

    private SocketConnection(SocketChannel socket, Selector selector) {
        this.socket = socket;
        this.selector = selector;
    }

    /// Connects to the emulator.
    ///
    /// @param address a Unix socket's path, or host and port
    public static SocketConnection open(SocketAddress address) throws IOException {
        SocketChannel socket = SocketChannel.open(address);
        try {
            socket.configureBlocking(false);
            Selector selector = Selector.open();
            socket.register(selector, SelectionKey.OP_READ);
            return new SocketConnection(socket, selector);
        } catch (IOException failed) {
            socket.close();
            throw failed;
        }
    }

    @Override
    public byte[] transmit(byte[] command) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(command);
        while (out.hasRemaining()) {
            if (socket.write(out) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_LENGTH);
        fill(header);
        int length = header.getInt(2);
        if (length < HEADER_LENGTH || length > MESSAGE_LENGTH_MAX) {
            throw new IOException(
                    "TPM socket: expected a response of 10 to 4096 bytes, got " + length);
        }
        ByteBuffer response = ByteBuffer.allocate(length).put(header.flip());
        fill(response);
        return response.array();
    }

    private void fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int read = socket.read(buffer);
            if (read < 0) {
                throw new EOFException("TPM socket: closed before the end of a response");
            }
            if (read == 0) {
                await(SelectionKey.OP_READ);
            }
        }
    }

    private void await(int operation) throws IOException {
        SelectionKey key = socket.keyFor(selector);
        key.interestOps(operation);
        selector.selectedKeys().clear();
        if (selector.select(PATIENCE.toMillis()) == 0) {
            throw new SocketTimeoutException("TPM socket: no answer within " + PATIENCE);
        }
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            socket.close();
        }
    }
}
