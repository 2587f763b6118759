// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sparegrid.endtoend.Deployment.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.context.Settings;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.api.DepositRequest;
import org.sparegrid.protocol.api.ImageKey;
import org.sparegrid.protocol.api.ImageUpload;
import org.sparegrid.protocol.api.OrderRequest;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.market.Checkpoints;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Placement;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Ranking;
import org.sparegrid.protocol.market.VolumeUse;

/// A coordinator behind a thin line, and eight sellers' agents in an office, each a process of its
/// own, whose guests all start with one order.
@EnabledIfSystemProperty(named = "sparegrid.full", matches = "true")
class NeighboursIT {
    private static final int SELLERS = 8;

    /// Goal 5 of the buyer's images: eight sellers cost less than twice one upload.
    private static final double TIMES_MAX = 2;

    private static final int IMAGE_BYTES = 16_000_000;
    private static final long LINE_BITS_PER_SECOND = 40_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String PASSWORD = "a long password";

    @TempDir Path work;
    private final List<Process> started = new ArrayList<>();
    private final byte[] content = new byte[IMAGE_BYTES];

    @AfterEach
    void end() throws Exception {
        for (Process each : started) {
            each.destroyForcibly();
        }
        for (Process each : started) {
            each.waitFor();
        }
    }

    private Path start(String name, String main, String... arguments) throws IOException {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main));
        words.addAll(List.of(arguments));
        Path log = work.resolve(name + ".log");
        started.add(
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start());
        return log;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Optional<String> line(Path log, String word) throws IOException {
        return Files.readAllLines(log).stream().filter(each -> each.startsWith(word)).findFirst();
    }

    private Coordinator coordinator(int port) throws Exception {
        String home = work.resolve("coordinator").toString();
        String main = "org.sparegrid.coordinator.Main";
        start(
                "init",
                main,
                "init",
                "--home",
                home,
                "--public-address",
                "127.0.0.1",
                "--port",
                "" + port);
        assertThat(started.getLast().waitFor()).isZero();
        String authority =
                Files.readAllLines(work.resolve("init.log")).stream()
                        .map(String::strip)
                        .filter(each -> each.matches("[0-9a-f]{64}"))
                        .findFirst()
                        .orElseThrow();
        start("coordinator", main, "serve", "--home", home);
        Settings settings =
                new Settings("https://127.0.0.1:" + port, authority, "buyer@example.org");
        List<Coordinator> account = new ArrayList<>();
        await(PATIENCE, "the coordinator", () -> account.add(account(settings)));
        return account.getFirst();
    }

    private static Coordinator account(Settings settings) throws Exception {
        String token =
                Coordinator.at(settings, Optional.empty())
                        .register(new Registration(settings.email(), PASSWORD))
                        .token();
        return Coordinator.at(settings, Optional.of(token));
    }

    private ImageId push(Coordinator buyer) throws Exception {
        ImageKeys keys = ImageKeys.generate();
        buyer.setImageKey(
                new ImageKey(Base64.getEncoder().encodeToString(keys.creator().toBytes())));
        new Random(8).nextBytes(content);
        List<byte[]> chunks = new ArrayList<>();
        FileIndex index =
                Chunker.split(
                        new ByteArrayInputStream(content),
                        (_, bytes) -> {
                            byte[] copy = new byte[bytes.remaining()];
                            bytes.get(copy);
                            chunks.add(copy);
                        });
        Manifest manifest =
                new Manifest(
                        "office",
                        index,
                        Set.of(BootMode.BIOS),
                        256,
                        new Origin.Foreign(),
                        keys.creator());
        for (int i = 0; i < chunks.size(); i++) {
            buyer.putChunk(manifest.chunks().get(i).digest().toString(), chunks.get(i));
        }
        return buyer.complete(
                        new ImageUpload(
                                "office",
                                IMAGE_BYTES,
                                manifest.chunks().stream()
                                        .map(chunk -> chunk.digest().toString())
                                        .toList(),
                                Base64.getEncoder()
                                        .encodeToString(
                                                SignedManifest.sign(manifest, keys).toBytes())))
                .id();
    }

    private static OrderRequest eightMachines(ImageId image) {
        return new OrderRequest(
                new OrderSpec(
                        "office",
                        image,
                        SELLERS,
                        new MachineSize(1, 512, 0),
                        Credits.parse("1"),
                        3600,
                        true,
                        List.of(),
                        Placement.ANY,
                        Query.ANY,
                        Checkpoints.NONE,
                        VolumeUse.NONE,
                        0),
                Credits.MAX,
                false);
    }

    @Test
    void eightSellersOfAnOfficeTakeAnImageAcrossItsThinLineLessThanTwice() throws Exception {
        int port = freePort();
        Coordinator buyer = coordinator(port);
        ImageId image = push(buyer);
        buyer.deposit(new DepositRequest(Credits.parse("10"), "test"), "deposit-office");
        List<Path> logs = new ArrayList<>();
        try (ThinLine line = new ThinLine(port, LINE_BITS_PER_SECOND)) {
            for (int i = 0; i < SELLERS; i++) {
                Path folder = work.resolve("taker" + i);
                ImageTaker.join(folder, buyer.joinToken().token(), line.port());
                logs.add(
                        start(
                                "taker" + i,
                                ImageTaker.class.getName(),
                                folder.toString(),
                                System.getProperty("sparegrid.share", "true")));
            }
            await(
                    PATIENCE,
                    "eight offers",
                    () -> buyer.offers(Query.ANY, Ranking.BY_PRICE).offers().size() == SELLERS);
            long before = line.receivedBytes();
            buyer.order(eightMachines(image), "order-office");
            for (Path log : logs) {
                await(
                        PATIENCE,
                        "an image in " + log + ", " + Files.readString(log),
                        () -> line(log, "whole").isPresent());
            }
            double times = (line.receivedBytes() - before) / (double) IMAGE_BYTES;
            report(logs, times);
            assertThat(times).isLessThan(TIMES_MAX);
        }
    }

    private void report(List<Path> logs, double times) throws Exception {
        String digest = org.sparegrid.imagetools.chunk.Sha256Digest.ofContent(content).toString();
        long slowest = 0;
        for (Path log : logs) {
            String[] words = line(log, "whole").orElseThrow().split(" ");
            assertThat(words[1]).isEqualTo(digest);
            slowest = Math.max(slowest, Long.parseLong(words[2]));
        }
        System.out.printf(
                "neighbours: %d sellers took %.2f images of %d MB across a line of %d Mbit/s,"
                        + " the last after %.1f s%n",
                SELLERS,
                times,
                IMAGE_BYTES / 1_000_000,
                LINE_BITS_PER_SECOND / 1_000_000,
                slowest / 1000.0);
    }
}
