// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.control;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.lease.Outbox;
import org.sparegrid.agent.lease.Streams;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.CoordinatorMessage.StreamWanted;
import org.sparegrid.virtualethernet.userspace.TcpConnection;

/// Brings connections to guests to the coordinator, each over a WebSocket of its own.
///
/// Source: docs/protocol/agent-session.md, section "Streams".
public final class GuestStreams implements Streams, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(GuestStreams.class.getName());

    /// Streams at one time; each has two threads and some ten kilobytes on the way.
    private static final int STREAMS_MAX = 32;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final URI coordinator;
    private final SSLContext tls;
    private final Outbox outbox;
    private final Supplier<Optional<String>> whyPolling;
    private final Semaphore room = new Semaphore(STREAMS_MAX);

    /// Made when the first stream is wanted: most computers never carry one.
    private @Nullable HttpClient client;

    /// Opens nothing yet.
    ///
    /// @param tls shows this computer's certificate
    /// @param whyPolling why no WebSocket can be had now, if none can
    public GuestStreams(
            URI coordinator, SSLContext tls, Outbox outbox, Supplier<Optional<String>> whyPolling) {
        this.whyPolling = whyPolling;
        this.coordinator = coordinator;
        this.tls = tls;
        this.outbox = outbox;
    }

    @Override
    public void open(StreamWanted wanted, Dial dial) {
        Optional<String> polling = whyPolling.get();
        if (polling.isPresent()) {
            refuse(wanted, "no WebSocket from the seller's computer: " + polling.get());
            return;
        }
        if (!room.tryAcquire()) {
            refuse(wanted, "the seller's computer carries " + STREAMS_MAX + " streams already");
            return;
        }
        var _ =
                Thread.ofVirtual()
                        .name("stream " + wanted.stream())
                        .start(() -> {
                            try {
                                connect(wanted, dial);
                            } finally {
                                room.release();
                            }
                        });
    }

    private void connect(StreamWanted wanted, Dial dial) {
        TcpConnection guest;
        try {
            guest = dial.connect();
        } catch (IOException no) {
            refuse(wanted, "port 22 of the machine: " + no.getMessage());
            return;
        }
        URI target = coordinator.resolve(CoordinatorMessage.streamPath(wanted.stream()));
        try (guest) {
            new StreamLine(guest)
                    .carry(client(), URI.create("wss" + target.toString().substring(5)));
        } catch (IOException lost) {
            LOG.log(
                    Level.DEBUG,
                    () -> "stream lost lease=" + wanted.lease() + " cause=" + lost.getMessage());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void refuse(StreamWanted wanted, String why) {
        outbox.send(new AgentMessage.StreamRefused(wanted.stream(), why));
    }

    /// Ends all streams.
    @Override
    public synchronized void close() {
        HttpClient made = client;
        if (made != null) {
            made.shutdownNow();
        }
    }

    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder().sslContext(tls).connectTimeout(CONNECT_TIMEOUT).build();
            client = made;
        }
        return made;
    }
}
