// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureTextTest {
    @TempDir Path folder;

    @Test
    void saysWhatIsWrongWithAFile() {
        Path missing = folder.resolve("missing");
        NoSuchFileException none =
                Assertions.catchThrowableOfType(
                        NoSuchFileException.class, () -> Files.readString(missing));
        assertThat(FailureText.of(none)).isEqualTo(missing + ": there is no such file");
        assertThat(FailureText.of(new AccessDeniedException("/etc/shadow")))
                .isEqualTo("/etc/shadow: this user has no permission");
    }

    @Test
    void leavesOtherMessagesAsTheyAre() {
        assertThat(FailureText.of(new FileSystemException("a", null, "No space left on device")))
                .isEqualTo("a: No space left on device");
        assertThat(FailureText.of(new AccessDeniedException("a", null, "read-only")))
                .isEqualTo("a: read-only");
        assertThat(FailureText.of(new IOException("broken"))).isEqualTo("broken");
    }

    @Test
    void namesAFailureWithoutAMessage() {
        assertThat(FailureText.of(new IOException())).isEqualTo("IOException");
    }
}
