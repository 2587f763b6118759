// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.ByteArrayOutputStream;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.relay.StreamMessage;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// One WebSocket to a relay. It keeps no order with what went by UDP, and loses what it cannot send
/// soon, like any link.
final class RelayStream {
    private static final System.Logger LOG = System.getLogger(RelayStream.class.getName());

    /// Datagrams that wait: 40 ms at 20 Mbit/s. More would only be late.
    private static final int WAITING_MAX = 64;

    /// A stream over which nothing was sent for so long is not needed; binds pass every 20 s.
    private static final long IDLE_NANOS = 60_000_000_000L;

    private static final long PAUSE_NANOS = 1_000_000_000L;
    private static final int DOUBLINGS_MAX = 5;

    private final URI target;
    private final Supplier<HttpClient> client;
    private final Consumer<byte[]> receiver;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private @Nullable WebSocket socket;
    private boolean connecting;
    private boolean sending;
    private int failures;
    private long retryNanos = Long.MIN_VALUE / 2;
    private long usedNanos;
    private long nowNanos;

    RelayStream(URI target, Supplier<HttpClient> client, Consumer<byte[]> receiver) {
        this.target = target;
        this.client = client;
        this.receiver = receiver;
    }

    URI target() {
        return target;
    }

    /// Sends a datagram, soon; false if it was dropped.
    synchronized boolean send(byte[] datagram, long nowNanos) {
        this.nowNanos = nowNanos;
        usedNanos = nowNanos;
        if (datagram.length > StreamMessage.DATAGRAM_MAX) {
            return false;
        }
        if (waiting.size() == WAITING_MAX) {
            waiting.remove();
        }
        waiting.add(datagram);
        if (socket != null) {
            flush();
        } else if (!connecting && nowNanos >= retryNanos) {
            connect();
        }
        return true;
    }

    /// Lets time pass.
    synchronized void tick(long nowNanos) {
        this.nowNanos = nowNanos;
        if (socket != null && nowNanos - usedNanos > IDLE_NANOS) {
            close();
        }
    }

    /// Ends it; the next datagram opens it again.
    synchronized void close() {
        WebSocket open = socket;
        socket = null;
        sending = false;
        waiting.clear();
        if (open != null) {
            open.abort();
        }
    }

    private void connect() {
        connecting = true;
        var _ =
                client.get()
                        .newWebSocketBuilder()
                        .buildAsync(target, new Arrivals())
                        .whenComplete((opened, failed) -> connected(opened, failed));
    }

    private synchronized void connected(@Nullable WebSocket opened, @Nullable Throwable failed) {
        connecting = false;
        if (opened == null) {
            failed(failed);
            return;
        }
        LOG.log(Level.DEBUG, () -> "relay is used over TLS target=" + target);
        failures = 0;
        socket = opened;
        flush();
    }

    private synchronized void lost(WebSocket closed, @Nullable Throwable why) {
        if (closed.equals(socket)) {
            socket = null;
            sending = false;
            failed(why);
        }
    }

    private void failed(@Nullable Throwable why) {
        LOG.log(Level.DEBUG, () -> "relay is not reached target=" + target + " cause=" + why);
        retryNanos = nowNanos + (PAUSE_NANOS << Math.min(failures++, DOUBLINGS_MAX));
        waiting.clear();
    }

    /// Sends what waits as one message, when the one before has left.
    private void flush() {
        WebSocket open = socket;
        if (open == null || sending || waiting.isEmpty()) {
            return;
        }
        sending = true;
        var _ =
                open.sendBinary(ByteBuffer.wrap(StreamMessage.join(waiting)), true)
                        .whenComplete((_, failed) -> sent(open, failed));
    }

    private synchronized void sent(WebSocket by, @Nullable Throwable failed) {
        if (failed != null) {
            lost(by, failed);
        } else if (by.equals(socket)) {
            sending = false;
            flush();
        }
    }

    private final class Arrivals implements WebSocket.Listener {
        private final ByteArrayOutputStream parts = new ByteArrayOutputStream();

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket from, ByteBuffer data, boolean last) {
            if (parts.size() + data.remaining() > StreamMessage.LENGTH_MAX) {
                lost(from, new WireFormatException("stream: message is too long"));
                from.abort();
                return null;
            }
            byte[] part = new byte[data.remaining()];
            data.get(part);
            parts.writeBytes(part);
            if (last) {
                byte[] message = parts.toByteArray();
                parts.reset();
                deliver(message);
            }
            from.request(1);
            return null;
        }

        private void deliver(byte[] message) {
            try {
                StreamMessage.divide(message).forEach(receiver);
            } catch (WireFormatException malformed) {
                LOG.log(Level.TRACE, "message is malformed", malformed);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket by, int status, String reason) {
            lost(by, null);
            return null;
        }

        @Override
        public void onError(WebSocket by, Throwable error) {
            lost(by, error);
        }
    }
}
