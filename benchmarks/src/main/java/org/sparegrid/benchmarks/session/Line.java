// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/// One connection of a computer: TLS and a WebSocket on it, without a thread of its own and with
/// next to no memory while it is idle. It belongs to one thread.
///
/// Source: RFC 6455, sections 4.1 and 5.2. A client's frames are masked; the mask may be zero, as
/// there are no proxies here.
final class Line {
    private static final int RECORD = 17_000;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int CLOSE = 8;
    private static final int BINARY = 2;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /// What the lines of one thread share; between two calls they hold nothing.
    record Buffers(ByteBuffer plain, ByteBuffer sealed) {
        Buffers() {
            this(ByteBuffer.allocate(2 * RECORD), ByteBuffer.allocate(2 * RECORD));
        }
    }

    private final ByteBuffer plain;
    private final ByteBuffer sealed;
    private final SocketChannel channel;
    private final SSLEngine engine;
    private final Consumer<byte[]> taker;

    /// What was read but isn't whole yet.
    private byte[] sealedRest = {};

    private byte[] plainRest = {};
    private boolean upgraded;
    private final Runnable opened;

    /// @param opened is called once the WebSocket is open
    /// @param taker takes the messages
    Line(
            Buffers buffers,
            SocketChannel channel,
            SSLEngine engine,
            Runnable opened,
            Consumer<byte[]> taker) {
        this.plain = buffers.plain();
        this.sealed = buffers.sealed();
        this.channel = channel;
        this.engine = engine;
        this.opened = opened;
        this.taker = taker;
    }

    /// Begins, once the connection is there.
    void begin() throws IOException {
        engine.beginHandshake();
        shake();
    }

    /// Sends a message.
    void send(byte[] message) throws IOException {
        frame(BINARY, message);
    }

    /// Reads all there is.
    ///
    /// @return whether the connection goes on
    boolean read() throws IOException {
        while (true) {
            sealed.clear().put(sealedRest);
            int count = channel.read(sealed);
            if (count <= 0) {
                return count == 0;
            }
            sealed.flip();
            boolean open = unwrap();
            sealedRest = new byte[sealed.remaining()];
            sealed.get(sealedRest);
            if (!open) {
                return false;
            }
        }
    }

    private boolean unwrap() throws IOException {
        while (sealed.hasRemaining()) {
            plain.clear();
            SSLEngineResult result = engine.unwrap(sealed, plain);
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                return true;
            }
            if (result.getStatus() != SSLEngineResult.Status.OK) {
                return false;
            }
            plain.flip();
            byte[] longer = new byte[plainRest.length + plain.remaining()];
            System.arraycopy(plainRest, 0, longer, 0, plainRest.length);
            plain.get(longer, plainRest.length, plain.remaining());
            plainRest = longer;
            if (result.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                shake();
            }
            if (!take()) {
                return false;
            }
        }
        return true;
    }

    /// Does what the handshake needs until it needs to read.
    private void shake() throws IOException {
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask();
                        task != null;
                        task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                if (seal(NOTHING) == HandshakeStatus.FINISHED) {
                    upgrade();
                    return;
                }
            } else {
                return;
            }
        }
    }

    private void upgrade() throws IOException {
        seal(
                ByteBuffer.wrap(
                        """
                        GET /v1/agent HTTP/1.1\r
                        Host: localhost\r
                        Upgrade: websocket\r
                        Connection: Upgrade\r
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                        Sec-WebSocket-Version: 13\r
                        \r
                        """
                                .getBytes(StandardCharsets.US_ASCII)));
    }

    private HandshakeStatus seal(ByteBuffer bytes) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(RECORD);
        SSLEngineResult result;
        do {
            result = engine.wrap(bytes, out);
        } while (bytes.hasRemaining());
        out.flip();
        while (out.hasRemaining()) {
            // A few hundred bytes fit into the socket's buffer, unless the server is stuck.
            if (channel.write(out) == 0) {
                Thread.onSpinWait();
            }
        }
        return result.getHandshakeStatus();
    }

    private void frame(int operation, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
        frame.put((byte) (0x80 | operation));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        frame.putInt(0).put(payload).flip();
        seal(frame);
    }

    /// Takes what is whole of what was read.
    private boolean take() throws IOException {
        ByteBuffer in = ByteBuffer.wrap(plainRest);
        boolean open = true;
        if (!upgraded) {
            int end = new String(plainRest, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
            if (end < 0) {
                return true;
            }
            String answer = new String(plainRest, 0, end, StandardCharsets.ISO_8859_1);
            if (!answer.startsWith("HTTP/1.1 101")) {
                throw new IOException("expected 101, got " + answer.lines().findFirst().orElse(""));
            }
            in.position(end + 4);
            upgraded = true;
            opened.run();
        }
        while (open && isWhole(in)) {
            open = takeFrame(in);
        }
        plainRest = new byte[in.remaining()];
        in.get(plainRest);
        return open;
    }

    private static boolean isWhole(ByteBuffer in) {
        if (in.remaining() < 2) {
            return false;
        }
        int length = in.get(in.position() + 1) & 127;
        if (length < 126) {
            return in.remaining() >= 2 + length;
        }
        return in.remaining() >= 4
                && in.remaining() >= 4 + (in.getShort(in.position() + 2) & 0xffff);
    }

    private boolean takeFrame(ByteBuffer in) throws IOException {
        int operation = in.get() & 15;
        int length = in.get() & 127;
        byte[] payload = new byte[length < 126 ? length : in.getShort() & 0xffff];
        in.get(payload);
        switch (operation) {
            case BINARY -> taker.accept(payload);
            case PING -> frame(PONG, payload);
            case CLOSE -> {
                return false;
            }
            default -> {}
        }
        return true;
    }
}
