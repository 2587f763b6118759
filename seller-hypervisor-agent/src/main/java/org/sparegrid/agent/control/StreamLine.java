// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// One connection to a guest and the WebSocket that carries it. Each direction waits for its
/// reader, so that at most one message of it is kept here.
final class StreamLine implements WebSocket.Listener {
    /// The end of what the coordinator sends.
    private static final byte[] END = new byte[0];

    private final TcpConnection guest;

    /// Holds one message at most, as one is asked for after the other, and the end.
    private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();

    /// Of the message that is under way; belongs to the WebSocket's thread.
    private long messageBytes;

    StreamLine(TcpConnection guest) {
        this.guest = guest;
    }

    /// Carries the connection until both sides or the WebSocket have ended.
    void carry(HttpClient client, URI target) throws IOException, InterruptedException {
        WebSocket socket = await(client.newWebSocketBuilder().buildAsync(target, this));
        Thread toGuest = Thread.ofVirtual().name("stream to guest").start(() -> receive(socket));
        try {
            send(socket);
            toGuest.join();
            await(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
        } finally {
            socket.abort();
            toGuest.interrupt();
        }
    }

    private void send(WebSocket socket) throws IOException, InterruptedException {
        byte[] bytes = new byte[CoordinatorMessage.STREAM_MESSAGE_MAX_BYTES];
        InputStream in = guest.inputStream();
        for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
            await(socket.sendBinary(ByteBuffer.wrap(bytes, 0, length), true));
        }
        await(socket.sendBinary(ByteBuffer.allocate(0), true));
    }

    private void receive(WebSocket socket) {
        try (OutputStream out = guest.outputStream()) {
            for (byte[] bytes = arrived.take(); bytes.length > 0; bytes = arrived.take()) {
                out.write(bytes);
                socket.request(1);
            }
        } catch (IOException gone) {
            socket.abort();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        messageBytes += data.remaining();
        if (data.hasRemaining()) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            arrived.add(bytes);
        } else if (last && messageBytes == 0) {
            arrived.add(END);
            from.request(1); // the close follows
        } else {
            from.request(1);
        }
        messageBytes = last ? 0 : messageBytes;
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket by, int status, String reason) {
        over();
        return null;
    }

    @Override
    public void onError(WebSocket by, Throwable error) {
        over();
    }

    private void over() {
        arrived.add(END);
        try {
            guest.close();
        } catch (IOException gone) {
            // It is what was to be reached.
        }
    }

    private static <T> T await(CompletableFuture<T> future)
            throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw new IOException("stream: " + failed.getCause(), failed);
        }
    }
}
