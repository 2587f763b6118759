// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.sparegrid.agent.config.SharingSettings;
import org.sparegrid.agent.image.GuestImage;
import org.sparegrid.agent.image.ImageSource;
import org.sparegrid.agent.image.ImageStore;
import org.sparegrid.agent.image.StreamedImage;
import org.sparegrid.imagetools.manifest.CreatorKey;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.CoordinatorMessage;
import org.sparegrid.protocol.control.Neighbour;

/// A seller's computer as far as its images go, with real sockets on the loopback.
final class Computer implements AutoCloseable {
    final List<AgentMessage> said = new CopyOnWriteArrayList<>();
    final AtomicLong lateNanos = new AtomicLong();
    final NeighbourDesk desk;
    final ImageStore store;
    final Path folder;
    private final String key;

    Computer(Path folder, CreatorKey creator, SharingSettings settings) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.key = Base64.getEncoder().encodeToString(creator.toBytes());
        this.desk =
                new NeighbourDesk(
                        settings,
                        "",
                        said::add,
                        _ -> true,
                        () -> System.nanoTime() + lateNanos.get());
        Path sockets = Files.createDirectories(folder.resolve("s"));
        this.store = new ImageStore(folder, 1L << 30, sockets, true, desk);
    }

    static SharingSettings settings(long bitsPerSecond) {
        return new SharingSettings(true, "127.0.0.1", 0, bitsPerSecond);
    }

    StreamedImage lend(ImageId image, ImageSource source) throws Exception {
        return ((GuestImage.Streamed)
                        store.lend("lease", image, key, source, Set.of(), (_, _) -> {}))
                .image();
    }

    GuestImage lendAny(ImageId image, ImageSource source) throws Exception {
        return store.lend("lease", image, key, source, Set.of(), (_, _) -> {});
    }

    /// What it last told of itself.
    Neighbour self() {
        return said.stream()
                .filter(AgentMessage.ImageShared.class::isInstance)
                .map(AgentMessage.ImageShared.class::cast)
                .toList()
                .getLast()
                .self();
    }

    String endpoint() {
        return self().endpoints().getFirst();
    }

    /// Is told who is there, as the coordinator does it.
    void named(ImageId image, List<Neighbour> others) {
        desk.named(new CoordinatorMessage.Neighbours(image, 120, others));
    }

    /// Whether it has reached all that were named to it.
    boolean isMet() {
        return desk.reached() == desk.report().neighbours();
    }

    /// All are told of each other, until each has reached the others.
    static void introduce(ImageId image, List<Computer> all) {
        for (Computer each : all) {
            List<Neighbour> others = new ArrayList<>();
            all.stream().filter(other -> other != each).forEach(other -> others.add(other.self()));
            each.named(image, others);
        }
    }

    static byte[] read(StreamedImage image, long offset, int length) throws Exception {
        ByteBuffer into = ByteBuffer.allocate(length);
        image.read(into, offset);
        return into.array();
    }

    static void awaitWhole(StreamedImage image) throws InterruptedException {
        while (!image.isWhole()) {
            Thread.sleep(2);
        }
    }

    @Override
    public void close() throws IOException {
        desk.close();
        try {
            store.leave();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
