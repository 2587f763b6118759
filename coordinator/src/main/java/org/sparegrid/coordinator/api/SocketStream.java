// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.sparegrid.coordinator.operation.GuestStream;
import org.sparegrid.protocol.control.CoordinatorMessage;

/// A stream over an agent's WebSocket. Little of what the agent sends is taken before it is read.
final class SocketStream implements GuestStream {
    /// Keeps the WebSocket, and whatever translates addresses on its way, from taking a stream on
    /// which nothing happens for dead.
    private static final long PING_MILLIS = 30_000;

    private static final byte[] END = new byte[0];

    /// With more than so many messages waiting, no more are taken.
    private static final int WAITING_MAX = 8;

    private final ServerWebSocket socket;
    private final Context loop;
    private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    private volatile boolean closed;

    /// Takes the WebSocket over, on its event loop.
    SocketStream(ServerWebSocket socket, Vertx vertx) {
        this.socket = socket;
        this.loop = vertx.getOrCreateContext();
        socket.binaryMessageHandler(this::receive);
        long timer = vertx.setPeriodic(PING_MILLIS, _ -> socket.writePing(Buffer.buffer()));
        socket.closeHandler(_ -> {
            vertx.cancelTimer(timer);
            closed = true;
            arrived.add(END);
        });
        socket.exceptionHandler(_ -> socket.close());
    }

    private void receive(Buffer message) {
        if (message.length() > CoordinatorMessage.STREAM_MESSAGE_MAX_BYTES) {
            socket.close((short) 1009, "the message is too long");
            return;
        }
        arrived.add(message.getBytes());
        if (arrived.size() > WAITING_MAX) {
            socket.pause();
        }
    }

    @Override
    public byte[] read() throws IOException, InterruptedException {
        byte[] next = arrived.take();
        if (next.length == 0 && closed) {
            arrived.add(END);
            throw new IOException("stream: the seller's computer ended it");
        }
        if (arrived.isEmpty()) {
            loop.runOnContext(_ -> socket.resume());
        }
        return next;
    }

    @Override
    public void write(byte[] bytes) throws IOException, InterruptedException {
        for (int at = 0; at < bytes.length; at += CoordinatorMessage.STREAM_MESSAGE_MAX_BYTES) {
            int length = Math.min(bytes.length - at, CoordinatorMessage.STREAM_MESSAGE_MAX_BYTES);
            send(Buffer.buffer(length).appendBytes(bytes, at, length));
        }
    }

    @Override
    public void finish() throws IOException, InterruptedException {
        send(Buffer.buffer());
    }

    private void send(Buffer message) throws IOException, InterruptedException {
        try {
            socket.writeBinaryMessage(message).toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException | IllegalStateException gone) {
            throw new IOException("stream: the seller's computer ended it", gone);
        }
    }

    @Override
    public void close() {
        closed = true;
        arrived.add(END);
        socket.close();
    }
}
