// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.relay.StreamAddress;

/// The WebSockets to relays that UDP does not reach. Each is opened when there is something to send
/// and closed when there was nothing for a while.
final class RelayStreams implements AutoCloseable {
    /// Takes a datagram of a relay.
    @FunctionalInterface
    interface Receiver {
        void receive(byte[] datagram, InetSocketAddress from);
    }

    private static final System.Logger LOG = System.getLogger(RelayStreams.class.getName());
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /// Relays of one process that are reached so.
    private static final int STREAMS_MAX = 64;

    private final SteadyClock clock;
    private final Receiver receiver;
    private final List<RelayStream> streams = new CopyOnWriteArrayList<>();
    private URI base = URI.create("https://localhost/");
    private @Nullable SSLContext tls;
    private @Nullable HttpClient client;

    RelayStreams(SteadyClock clock, Receiver receiver) {
        this.clock = clock;
        this.receiver = receiver;
    }

    /// What relative addresses are relative to, and whom to trust.
    synchronized void use(URI base, SSLContext tls) {
        this.base = base;
        this.tls = tls;
        close();
    }

    /// The address that stands for the stream to a relay; empty if there are too many.
    synchronized Optional<InetSocketAddress> address(URI relay) {
        URI target = socket(base.resolve(relay));
        for (int i = 0; i < streams.size(); i++) {
            if (streams.get(i).target().equals(target)) {
                return Optional.of(StreamAddress.of(i));
            }
        }
        if (streams.size() == STREAMS_MAX || target.getHost() == null) {
            LOG.log(Level.WARNING, () -> "relay is not used over TLS target=" + target);
            return Optional.empty();
        }
        InetSocketAddress address = StreamAddress.of(streams.size());
        streams.add(
                new RelayStream(
                        target, this::client, datagram -> receiver.receive(datagram, address)));
        return Optional.of(address);
    }

    /// Sends a datagram over a stream, soon; false if it was dropped.
    boolean send(byte[] datagram, InetSocketAddress to) {
        long number = StreamAddress.number(to);
        return number >= 0
                && number < streams.size()
                && streams.get((int) number).send(datagram, clock.nowNanos());
    }

    /// Where a stream leads, for people.
    Optional<InetSocketAddress> target(InetSocketAddress stream) {
        long number = StreamAddress.number(stream);
        if (number < 0 || number >= streams.size()) {
            return Optional.empty();
        }
        URI target = streams.get((int) number).target();
        InetSocketAddress named =
                new InetSocketAddress(
                        target.getHost(), target.getPort() < 0 ? 443 : target.getPort());
        return named.isUnresolved() ? Optional.empty() : Optional.of(named);
    }

    /// Lets time pass.
    void tick() {
        streams.forEach(stream -> stream.tick(clock.nowNanos()));
    }

    @Override
    public synchronized void close() {
        streams.forEach(RelayStream::close);
        HttpClient made = client;
        client = null;
        if (made != null) {
            made.shutdownNow();
        }
    }

    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            HttpClient.Builder builder =
                    HttpClient.newBuilder()
                            .connectTimeout(CONNECT_TIMEOUT)
                            .proxy(ProxySelector.getDefault());
            SSLContext context = tls;
            made = (context == null ? builder : builder.sslContext(context)).build();
            client = made;
        }
        return made;
    }

    private static URI socket(URI web) {
        return URI.create(web.toString().replaceFirst("^http", "ws"));
    }
}
