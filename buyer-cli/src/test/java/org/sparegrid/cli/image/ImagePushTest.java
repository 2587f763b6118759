// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.cli.output.ProgressLine;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.api.ChunkList;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.ImageUpload;

class ImagePushTest {
    private static final int KEPT_BEFORE_THE_CUT = 5;
    private static final ImageKeys KEYS = ImageKeys.generate();

    @TempDir Path folder;
    private final Map<String, byte[]> stored = new ConcurrentHashMap<>();
    private final AtomicBoolean cut = new AtomicBoolean(true);
    private final AtomicInteger lacking = new AtomicInteger();

    private FakeCoordinator fake() throws Exception {
        FakeCoordinator fake = FakeCoordinator.open();
        fake.on(
                "POST /v1/chunks/missing",
                request -> {
                    List<String> lacked =
                            request.as(ChunkList.class).chunks().stream()
                                    .filter(c -> !stored.containsKey(c))
                                    .toList();
                    lacking.set(lacked.size());
                    return Reply.of(200, new ChunkList(lacked));
                });
        fake.on(
                "PUT /v1/chunks/[0-9a-f]{64}",
                request -> {
                    if (cut.get() && stored.size() >= KEPT_BEFORE_THE_CUT) {
                        return Reply.refused(500, "internal", "the disk is gone");
                    }
                    String name = request.path().substring("/v1/chunks/".length());
                    assertThat(Sha256Digest.ofContent(request.body())).hasToString(name);
                    stored.put(name, request.body());
                    return new Reply(204, new byte[0]);
                });
        fake.on(
                "POST /v1/images",
                request -> {
                    ImageUpload upload = request.as(ImageUpload.class);
                    return Reply.of(
                            201,
                            new ImageSummary(
                                    new ImageId("ab".repeat(32)),
                                    upload.name(),
                                    upload.sizeBytes(),
                                    upload.chunks().size(),
                                    Instant.EPOCH));
                });
        return fake;
    }

    private static SignedManifest signed(FileIndex index) throws Exception {
        return SignedManifest.sign(
                new Manifest(
                        "x",
                        index,
                        Set.of(BootMode.BIOS),
                        512,
                        new Origin.Foreign(),
                        KEYS.creator()),
                KEYS);
    }

    private static ImagePush push(FakeCoordinator fake) throws Exception {
        Terminal quiet =
                new Terminal(
                        new PrintStream(new ByteArrayOutputStream()),
                        new PrintStream(new ByteArrayOutputStream()),
                        false,
                        false,
                        80);
        return new ImagePush(
                Coordinator.at(fake.settings(), Optional.of("secret")),
                new ProgressLine(quiet, System::nanoTime));
    }

    @Test
    void sendsWhatGzipMakesShorterInFewerBytes() throws Exception {
        cut.set(false);
        byte[] content = new byte[2_000_000];
        new Random(8).nextBytes(content);
        for (int i = 1_000_000; i < content.length; i++) {
            content[i] &= 3;
        }
        Path iso = Files.write(folder.resolve("x.iso"), content);
        try (FakeCoordinator fake = fake()) {
            ImagePush.Result result = push(fake).push(iso, signed(Chunker.index(iso)));
            assertThat(result.uploadedBytes()).isBetween(1_200_000L, 1_600_000L);
            assertThat(stored.values().stream().mapToInt(chunk -> chunk.length).sum())
                    .isEqualTo(content.length);
        }
    }

    @Test
    void goesOnAfterACutWhereItWas() throws Exception {
        byte[] content = new byte[2_000_000];
        new Random(7).nextBytes(content);
        Path iso = Files.write(folder.resolve("x.iso"), content);
        FileIndex index = Chunker.index(iso);
        SignedManifest signed = signed(index);
        try (FakeCoordinator fake = fake()) {
            ImagePush push = push(fake);
            assertThatThrownBy(() -> push.push(iso, signed))
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("the disk is gone");
            assertThat(lacking).hasValue(index.chunks().size());
            assertThat(fake.count("POST /v1/images")).isZero();

            cut.set(false);
            ImagePush.Result result = push.push(iso, signed);
            assertThat(result.uploadedChunks()).isEqualTo(lacking.get());
            assertThat(lacking)
                    .hasValueLessThanOrEqualTo(index.chunks().size() - KEPT_BEFORE_THE_CUT);
            assertThat(result.uploadedBytes()).isLessThan(content.length);
            assertThat(stored).hasSize(index.chunks().size());

            List<FakeCoordinator.Request> requests = fake.requests();
            ImageUpload upload = requests.getLast().as(ImageUpload.class);
            byte[] manifest = Base64.getDecoder().decode(upload.signedManifest());
            assertThat(SignedManifest.parse(manifest, KEYS.creator()).manifest().sha256())
                    .isEqualTo(index.sha256());

            assertThat(push.push(iso, signed).uploadedChunks()).isZero();
        }
    }
}
