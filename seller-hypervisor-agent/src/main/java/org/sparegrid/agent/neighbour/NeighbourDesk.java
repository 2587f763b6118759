// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.config.SharingSettings;
import org.sparegrid.agent.image.ChunkExchange;
import org.sparegrid.agent.image.SharedImage;
import org.sparegrid.agent.image.Sharing;
import org.sparegrid.agent.status.SharingReport;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.Neighbour;

/// Exchanges the images of this computer's leases with neighbours, if its owner wants that. It
/// listens only while a lease uses an image. Any thread may call.
public final class NeighbourDesk implements Sharing, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NeighbourDesk.class.getName());

    private final SharingSettings settings;
    private final String pool;
    private final Consumer<AgentMessage> outbox;
    private final LongSupplier nanoClock;
    private final Traffic traffic;
    private final Map<ImageId, Circle> circles = new LinkedHashMap<>();

    /// Made once it is needed.
    private @Nullable ExchangeKey key;

    private @Nullable Listener listener;
    private String trouble = "";
    private boolean closed;

    /// Opens nothing yet.
    ///
    /// @param pool the pool that the owner says this computer belongs to, or empty
    /// @param outbox takes what the coordinator is told; it never waits
    /// @param owner takes bytes from what the owner lets all guests send, if they may pass now
    /// @param nanoClock a clock that never steps back
    public NeighbourDesk(
            SharingSettings settings,
            String pool,
            Consumer<AgentMessage> outbox,
            IntPredicate owner,
            LongSupplier nanoClock) {
        this.settings = settings;
        this.pool = pool;
        this.outbox = outbox;
        this.nanoClock = nanoClock;
        this.traffic = new Traffic(settings.bitsPerSecond(), owner);
    }

    @Override
    public ChunkExchange begin(
            String lease, ImageId image, Manifest manifest, SharedImage content) {
        if (!settings.wanted()) {
            return ChunkExchange.NONE;
        }
        Circle circle;
        synchronized (this) {
            if (closed) {
                return ChunkExchange.NONE;
            }
            ExchangeKey known = key == null ? ExchangeKey.make() : key;
            key = known;
            listen(known);
            circle =
                    circles.computeIfAbsent(
                            image, id -> new Circle(id, known, nanoClock, traffic, () -> tell(id)));
            circle.join(lease, content);
        }
        tell(image);
        return circle;
    }

    @Override
    public synchronized void end(String lease) {
        circles.values()
                .removeIf(circle -> {
                    boolean last = circle.has(lease) && circle.leave(lease);
                    if (last) {
                        circle.closeLines();
                        outbox.accept(
                                new AgentMessage.ImageUnshared(circle.image(), circle.gotBytes()));
                    }
                    return last;
                });
        if (circles.isEmpty()) {
            stopListening();
        }
    }

    @Override
    public void named(CoordinatorMessage.Neighbours neighbours) {
        Circle circle;
        synchronized (this) {
            circle = circles.get(neighbours.image());
        }
        if (circle != null) {
            circle.named(neighbours);
        }
    }

    /// Tells a coordinator that knows nothing.
    public void repeat() {
        List<ImageId> all;
        synchronized (this) {
            all = List.copyOf(circles.keySet());
        }
        all.forEach(this::tell);
    }

    /// Whether the owner's rules let anything pass from now on.
    public void allow(boolean now) {
        traffic.allow(now);
    }

    /// What was sent to neighbours and got from them since the agent started.
    public long movedBytes() {
        return traffic.sentBytes() + traffic.gotBytes();
    }

    /// How it stands, for the owner.
    public synchronized SharingReport report() {
        int neighbours = 0;
        List<String> left = new ArrayList<>();
        for (Circle circle : circles.values()) {
            neighbours += circle.lines().size();
            left.addAll(circle.left());
        }
        Listener open = listener;
        return new SharingReport(
                settings.wanted(),
                !traffic.isAllowed() && settings.wanted(),
                trouble,
                open == null ? List.of() : open.endpoints(),
                circles.size(),
                neighbours,
                left,
                traffic.sentBytes(),
                traffic.gotBytes());
    }

    /// How many neighbours have been reached; the others are dialled when it is time. For tests.
    synchronized int reached() {
        return (int)
                circles.values().stream()
                        .flatMap(circle -> circle.lines().stream())
                        .filter(NeighbourLine::isUsable)
                        .count();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            circles.values().forEach(Circle::closeLines);
            stopListening();
        }
    }

    /// In the order in which things happen, which is why it is said within the lock.
    private synchronized void tell(ImageId image) {
        Circle circle = circles.get(image);
        ExchangeKey known = key;
        if (circle == null || known == null) {
            return;
        }
        Listener open = listener;
        outbox.accept(
                new AgentMessage.ImageShared(
                        image,
                        new Neighbour(
                                known.digest(),
                                open == null ? List.of() : open.endpoints(),
                                circle.isWhole()),
                        pool,
                        circle.gotBytes()));
    }

    /// Without a listener this computer asks neighbours all the same, and fetches for itself.
    private void listen(ExchangeKey known) {
        if (listener != null) {
            return;
        }
        try {
            var addresses = ExchangeAddresses.own(settings.address());
            if (addresses.isEmpty()) {
                throw new IOException(
                        "this computer has no private address; name one in share-address");
            }
            listener =
                    Listener.open(addresses, settings.port(), known, new ForNeighbours(), traffic);
            trouble = "";
        } catch (IOException failed) {
            if (!String.valueOf(failed.getMessage()).equals(trouble)) {
                trouble = String.valueOf(failed.getMessage());
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> "images not served to neighbours cause=" + trouble);
            }
        }
    }

    private void stopListening() {
        Listener open = listener;
        listener = null;
        if (open != null) {
            open.close();
        }
    }

    private synchronized Optional<Circle> circle(ImageId image) {
        return Optional.ofNullable(circles.get(image));
    }

    private synchronized List<Circle> all() {
        return List.copyOf(circles.values());
    }

    private final class ForNeighbours implements Listener.Service {
        @Override
        public boolean knows(String certificate) {
            return all().stream().anyMatch(circle -> circle.serves(certificate));
        }

        /// An image that isn't here and one that is not for this neighbour are the same to him.
        @Override
        public Optional<ByteBuffer> give(String certificate, ChunkRequest request)
                throws IOException, InterruptedException {
            Optional<Circle> circle = circle(request.image());
            if (circle.isEmpty() || !circle.get().serves(certificate)) {
                throw new ExchangeFormatException("chunk request: no image of this neighbour");
            }
            return circle.get().give(request);
        }
    }
}
