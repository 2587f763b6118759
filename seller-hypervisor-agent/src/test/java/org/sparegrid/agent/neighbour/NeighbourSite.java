// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.agent.config.SharingSettings;
import org.sparegrid.agent.image.Shelf;
import org.sparegrid.agent.image.StreamedImage;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.control.Neighbour;

/// Sellers' computers at one site, with an image that their store has.
@Timeout(90)
abstract class NeighbourSite {
    static final int SIZE_BYTES = 6_000_000;
    static final int READ_BYTES = 65_536;

    @TempDir Path folder;

    final ImageKeys keys = ImageKeys.generate();
    final Shelf shelf = new Shelf();
    final byte[] content = new byte[SIZE_BYTES];
    final List<AutoCloseable> opened = new ArrayList<>();
    ImageId image = new ImageId("0".repeat(64));

    @BeforeEach
    void putAnImageOnTheShelf() throws Exception {
        new Random(11).nextBytes(content);
        image = shelf.put(content, keys);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    Computer computer(SharingSettings settings) throws Exception {
        Computer made = new Computer(folder.resolve("c" + opened.size()), keys.creator(), settings);
        opened.add(made);
        return made;
    }

    Computer computer() throws Exception {
        return computer(Computer.settings(0));
    }

    FakeNeighbour fake(FakeNeighbour.Manner manner) throws Exception {
        FakeNeighbour made = new FakeNeighbour(manner);
        opened.add(made);
        return made;
    }

    FakeNeighbour stranger() throws Exception {
        return fake((_, _) -> {});
    }

    Sha256Digest anyChunk() {
        return shelf.chunks.keySet().stream().sorted().findFirst().orElseThrow();
    }

    byte[] part(long offset) {
        return Arrays.copyOfRange(content, (int) offset, (int) offset + READ_BYTES);
    }

    static <T> void together(List<T> all, Step<T> step) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> running = new ArrayList<>();
            for (T each : all) {
                Callable<Boolean> work =
                        () -> {
                            step.take(each);
                            return true;
                        };
                running.add(threads.submit(work));
            }
            for (Future<Boolean> each : running) {
                each.get();
            }
        }
    }

    interface Step<T> {
        void take(T one) throws Exception;
    }

    record Pair(Computer computer, StreamedImage image) {}

    List<Pair> eight() throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Computer each = computer();
            pairs.add(new Pair(each, each.lend(image, shelf)));
        }
        Computer.introduce(image, pairs.stream().map(Pair::computer).toList());
        for (Pair pair : pairs) {
            while (pair.computer.desk.report().neighbours() < 7 || !pair.computer.isMet()) {
                Thread.sleep(2);
            }
        }
        return pairs;
    }

    Computer only() {
        return opened.stream()
                .filter(Computer.class::isInstance)
                .map(Computer.class::cast)
                .toList()
                .getFirst();
    }

    /// One computer that has reached one neighbour.
    StreamedImage withFake(FakeNeighbour other, boolean whole) throws Exception {
        Computer computer = computer();
        StreamedImage stream = computer.lend(image, shelf);
        computer.named(image, List.of(other.self(whole)));
        while (!computer.isMet()) {
            Thread.sleep(2);
        }
        return stream;
    }

    /// A computer that has the image, and a neighbour that the coordinator has named to it.
    Computer holder(FakeNeighbour neighbour) throws Exception {
        Computer holder = computer();
        StreamedImage stream = holder.lend(image, shelf);
        stream.booted();
        Computer.awaitWhole(stream);
        holder.named(image, List.of(new Neighbour(neighbour.key.digest(), List.of(), false)));
        return holder;
    }

    ChunkRequest request(ImageId of) {
        return new ChunkRequest(0, of, anyChunk());
    }

    String askOnce(FakeNeighbour who, Computer holder, ImageId of) throws Exception {
        return askOnce(who, holder, of, anyChunk());
    }

    static String askOnce(FakeNeighbour who, Computer holder, ImageId of, Sha256Digest chunk)
            throws Exception {
        try (SSLSocket line = who.call(holder.endpoint())) {
            return who.ask(line, new ChunkRequest(0, of, chunk)).kind();
        } catch (java.io.IOException refused) {
            return "hung up";
        }
    }
}
