// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.api.ImageUpload;

class ImageShelfTest {
    /// More than half of what an account of the fixture may take.
    private static final int LENGTH = 600_000;

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

    @Test
    void refusesWhatIsBeyondAnAccountsQuotaAndKeepsNothingOfIt() {
        put(alice, 'a');
        put(alice, 'a');

        assertThatThrownBy(() -> put(alice, 'b'))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("all of the 1 MiB that they may; remove some");
        assertThat(chunk("b".repeat(LENGTH))).doesNotExist();
        put(bob, 'b');

        fixture.pass(25 * 3_600_000L);
        fixture.sweep();
        put(alice, 'b');
        assertThatThrownBy(() -> put(alice, 'a')).isInstanceOf(RefusedException.class);
    }

    @Test
    void countsAChunkOfSeveralImagesOnceAndNoMoreWithTheLast() {
        ImageId first = complete("first", put(alice, 'a'));
        ImageId second = complete("second", put(alice, 'a'));
        fixture.pass(25 * 3_600_000L);
        fixture.sweep();

        fixture.market().deleteImage(alice, first);
        assertThatThrownBy(() -> put(alice, 'b')).isInstanceOf(RefusedException.class);
        fixture.market().deleteImage(alice, second);
        put(alice, 'b');
    }

    private String put(AccountId account, char content) {
        byte[] bytes = ("" + content).repeat(LENGTH).getBytes(StandardCharsets.UTF_8);
        fixture.market().putChunk(account, Identity.digest(bytes), bytes);
        return Identity.digest(bytes);
    }

    private ImageId complete(String name, String digest) {
        fixture.market().setImageKey(alice, FakeAgent.key(99));
        String manifest = Base64.getEncoder().encodeToString(name.getBytes(StandardCharsets.UTF_8));
        ImageUpload upload = new ImageUpload(name, LENGTH, List.of(digest), manifest);
        return fixture.market().completeImage(alice, upload).id();
    }

    private Path chunk(String content) {
        String digest = Identity.digest(content.getBytes(StandardCharsets.UTF_8));
        Path file = folder.resolve("images/chunks").resolve(digest.substring(0, 2)).resolve(digest);
        assertThat(Files.isDirectory(folder.resolve("images/chunks"))).isTrue();
        return file;
    }
}
