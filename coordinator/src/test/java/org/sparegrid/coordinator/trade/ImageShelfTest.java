// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.ImageId;

class ImageShelfTest {
    @TempDir private Path folder;
    private MarketFixture fixture;
    private AccountId alice;
    private AccountId bob;

    @BeforeEach
    void open() throws IOException {
        fixture = new MarketFixture(folder);
        alice = fixture.register("alice@example.org");
        bob = fixture.register("bob@example.org");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void removesAChunkWithTheLastImageThatHasIt() {
        ImageId hers = fixture.image(alice, "bytes");
        ImageId his = fixture.image(bob, "bytes");
        fixture.pass(25 * 3_600_000L);
        fixture.sweep();
        fixture.market().deleteImage(alice, hers);
        assertThat(chunk("bytes")).exists();
        fixture.market().deleteImage(bob, his);
        assertThat(chunk("bytes")).doesNotExist();
    }

    @Test
    void removesADayLaterWhatNeverBecameAnImage() {
        byte[] bytes = "left".getBytes(StandardCharsets.UTF_8);
        fixture.market().putChunk(alice, Identity.digest(bytes), bytes);
        fixture.pass(23 * 3_600_000L);
        fixture.sweep();
        assertThat(chunk("left")).exists();
        fixture.pass(2 * 3_600_000L);
        fixture.sweep();
        assertThat(chunk("left")).doesNotExist();
    }

    private Path chunk(String content) {
        String digest = Identity.digest(content.getBytes(StandardCharsets.UTF_8));
        Path file = folder.resolve("images/chunks").resolve(digest.substring(0, 2)).resolve(digest);
        assertThat(Files.isDirectory(folder.resolve("images/chunks"))).isTrue();
        return file;
    }
}
