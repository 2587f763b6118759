// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.fake.FakeCoordinator;
import org.sparegrid.cli.fake.FakeCoordinator.Reply;
import org.sparegrid.cli.output.Terminal;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.VolumeId;
import org.sparegrid.protocol.api.ImageSummary;
import org.sparegrid.protocol.api.Images;
import org.sparegrid.protocol.api.Offers;
import org.sparegrid.protocol.api.Volume;
import org.sparegrid.protocol.market.VolumeUse;

/// Volumes, and the keys that stay on this computer.
class VolumeCommandTest {
    private static final VolumeId ID = new VolumeId("vol-abcdefghijkl");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir private Path home;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private FakeCoordinator fake;

    @BeforeEach
    void open() throws Exception {
        fake = FakeCoordinator.open();
    }

    @AfterEach
    void close() {
        fake.close();
    }

    private static Volume volume(Volume.State state, String detail, Duration held) {
        return new Volume(
                ID,
                3,
                "data",
                20,
                new SellerId("a".repeat(40)),
                "attic",
                true,
                Credits.parse("0.05"),
                state,
                detail,
                "",
                3600,
                Credits.parse("0.001388888"),
                Credits.parse("0.23"),
                NOW.plus(held),
                NOW);
    }

    private Path key() {
        return home.resolve("volumes").resolve(ID + ".key");
    }

    private static final Duration WEEK = Duration.ofDays(7);

    @Test
    void ordersAVolumeAndKeepsItsKeyForItsOwnerOnly() throws Exception {
        fake.on("POST /v1/volumes", _ -> Reply.of(201, volume(Volume.State.MAKING, "", WEEK)));
        fake.on("GET /v1/volumes/" + ID, _ -> Reply.of(200, volume(Volume.State.EMPTY, "", WEEK)));
        int code = run("volume", "create", "data", "--size", "20G", "--max-price", "0.05", "--yes");
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("Volume data, 20 GiB on attic, 1.0000 in 30 days")
                .contains("sparegrid run IMAGE --volume data")
                .contains("mkfs.ext4 /dev/disk/by-id/virtio-volume");
        assertThat(VolumeUse.isKey(Files.readString(key()))).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
                .isEqualTo("rw-------");
        assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain(Files.readString(key()));
    }

    @Test
    void saysWhyAVolumeCouldNotBeMadeAndKeepsNoKey() throws Exception {
        fake.on("POST /v1/volumes", _ -> Reply.of(201, volume(Volume.State.MAKING, "", WEEK)));
        fake.on(
                "GET /v1/volumes/" + ID,
                _ -> Reply.of(200, volume(Volume.State.ENDED, "the disk is full", WEEK)));
        assertThat(run("volume", "create", "data", "--size", "20G", "--max-price", "1", "--yes"))
                .isEqualTo(3);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("the disk is full");
        assertThat(key()).doesNotExist();
    }

    @Test
    void saysThatNobodyKeepsVolumesBeforeItOrdersOne() {
        fake.on("GET /v1/offers", _ -> Reply.of(200, new Offers(List.of())));
        assertThat(run("volume", "create", "data", "--size", "1G", "--yes")).isEqualTo(3);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("no computer on offer keeps volumes of 1 GiB");
        assertThat(fake.count("POST /v1/volumes")).isZero();
    }

    @Test
    void refusesWhatIsNoVolumeBeforeItOrdersAnything() {
        assertThat(run("volume", "create", "data", "--size", "1500M", "--max-price", "1", "--yes"))
                .isEqualTo(2);
        assertThat(run("volume", "create", "DATA", "--size", "1G", "--max-price", "1", "--yes"))
                .isEqualTo(2);
        assertThat(run("volume", "create", "data", "--size", "1G", "--max-price", "1"))
                .as("nobody to ask")
                .isEqualTo(2);
        assertThat(fake.count("POST /v1/volumes")).isZero();
    }

    @Test
    void listsWhereVolumesLieAndWhatTheyCostAndWarnsOfTheirEnd() throws Exception {
        fake.on(
                "GET /v1/volumes",
                _ ->
                        Reply.of(
                                200,
                                new Volume.Page(
                                        List.of(
                                                volume(
                                                        Volume.State.KEPT,
                                                        "",
                                                        Duration.ofDays(2))))));
        assertThat(run("volume", "ls")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("data", "20 GiB", "attic", "kept", "1.0000", "0.0014");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("data: the wallet is too low to hold more; it is deleted on 2026-01-03");
        assertThat(run("volume", "show", "data")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("key      not on this computer");
        assertThat(run("volume", "show", "other")).isEqualTo(3);
    }

    @Test
    void removesAVolumeWithItsKey() throws Exception {
        fake.on(
                "GET /v1/volumes",
                _ -> Reply.of(200, new Volume.Page(List.of(volume(Volume.State.KEPT, "", WEEK)))));
        fake.on(
                "DELETE /v1/volumes/" + ID,
                _ -> Reply.of(200, volume(Volume.State.DELETING, "removed by its buyer", WEEK)));
        Files.createDirectories(key().getParent());
        Files.writeString(key(), "key");
        assertThat(run("volume", "rm", "data")).as("nobody to ask").isEqualTo(2);
        assertThat(key()).exists();
        assertThat(run("volume", "rm", "data", "--yes")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("Deleted data; it cost 0.001388888 in all\n");
        assertThat(key()).doesNotExist();
    }

    @Test
    void needsTheKeyToRunAMachineWithAVolume() throws Exception {
        fake.on("GET /v1/images", _ -> Reply.of(200, new Images(List.of(image()))));
        fake.on(
                "GET /v1/volumes",
                _ -> Reply.of(200, new Volume.Page(List.of(volume(Volume.State.KEPT, "", WEEK)))));
        assertThat(run("run", "base", "--volume", "data", "--yes")).isEqualTo(3);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("the key of volume data is not on this computer; copy it from");
        Files.createDirectories(key().getParent());
        Files.writeString(key(), "no key");
        assertThat(run("run", "base", "--volume", "data", "--yes")).isEqualTo(1);
        assertThat(run("run", "base", "--volume", "other", "--yes")).isEqualTo(3);
        assertThat(fake.count("POST /v1/orders")).isZero();
    }

    private static ImageSummary image() {
        return new ImageSummary(Samples.IMAGE, "base", 1000, 1, NOW);
    }

    private int run(String... words) {
        out.reset();
        err.reset();
        Context context = Context.of(Map.of("SPAREGRID_HOME", home.toString()));
        try {
            context.save(fake.settings(), "secret");
        } catch (java.io.IOException unwritten) {
            throw new java.io.UncheckedIOException(unwritten);
        }
        Terminal terminal =
                new Terminal(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        false,
                        120);
        Shell shell = new Shell(terminal, Map.of(), context, Clock.fixed(NOW, ZoneOffset.UTC));
        return Sparegrid.commandLine(shell, List.of(words)).execute(words);
    }
}
