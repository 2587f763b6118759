// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// A session over a WebSocket.
final class WebSocketCarrier implements Carrier {
    private static final System.Logger LOG = System.getLogger(WebSocketCarrier.class.getName());

    /// The close status for a frame that is not as specified. Source: RFC 6455, section 7.4.1.
    private static final short PROTOCOL_ERROR = 1002;

    /// What stands for a connection that ended without a close. Source: as above.
    private static final short ABNORMAL = 1006;

    private final WebSocket socket;
    private final Context loop;
    private final Events events;
    private @Nullable Loss ending;
    private boolean over;

    private WebSocketCarrier(WebSocket socket, Context loop, Events events) {
        this.socket = socket;
        this.loop = loop;
        this.events = events;
    }

    /// Opens one.
    static void open(
            WebSocketClient client, WebSocketConnectOptions to, Context loop, Events events) {
        client.connect(to)
                .onComplete(done ->
                        loop.runOnContext(_ -> {
                            if (done.succeeded()) {
                                new WebSocketCarrier(done.result(), loop, events).begin();
                            } else {
                                events.lost(refused(done.cause()));
                            }
                        }));
    }

    private static Loss refused(Throwable cause) {
        if (cause instanceof UpgradeRejectedException answered) {
            return new Loss("no WebSocket: HTTP status " + answered.getStatus(), true);
        }
        boolean outOfReach =
                cause instanceof ConnectException
                        || cause instanceof NoRouteToHostException
                        || cause instanceof UnknownHostException
                        || cause instanceof SSLException;
        return new Loss("can't connect: " + cause, !outOfReach);
    }

    private void begin() {
        if (socket.isClosed()) {
            events.lost(ended());
            return;
        }
        socket.binaryMessageHandler(bytes -> loop.runOnContext(_ -> heard(bytes)));
        socket.closeHandler(_ ->
                loop.runOnContext(_ -> {
                    if (!over) {
                        over = true;
                        events.lost(ended());
                    }
                }));
        socket.exceptionHandler(
                failed -> LOG.log(System.Logger.Level.DEBUG, () -> "connection failed " + failed));
        events.opened(this);
    }

    /// The coordinator gives a status when it closes.
    private Loss ended() {
        Loss own = ending;
        if (own != null) {
            return own;
        }
        Short status = socket.closeStatusCode();
        return new Loss(
                "closed: " + socket.closeReason(),
                status == null || status.shortValue() == ABNORMAL);
    }

    private void heard(Buffer bytes) {
        if (over) {
            return;
        }
        try {
            events.heard(Format.CBOR.read(bytes.getBytes(), CoordinatorFrame.class));
        } catch (MessageFormatException | IllegalArgumentException wrong) {
            LOG.log(System.Logger.Level.ERROR, () -> "frame refused cause=" + wrong.getMessage());
            ending = new Loss("closed: frame refused", false);
            socket.close(PROTOCOL_ERROR, "frame refused");
        }
    }

    @Override
    public void write(AgentFrame frame) {
        if (!over) {
            socket.writeBinaryMessage(Buffer.buffer(Format.CBOR.write(frame)));
        }
    }

    @Override
    public void close(Loss loss) {
        ending = loss;
        socket.close();
    }

    @Override
    public void abandon() {
        over = true;
        socket.close();
    }

    @Override
    public Future<Void> leave() {
        return socket.close();
    }
}
