// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedLogTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    @Test
    void emptiesALargeLogInWhichItsWriterGoesOn() throws Exception {
        Path log = folder.resolve("log");
        try (OutputStream writer =
                Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            writer.write(new byte[(int) BoundedLog.BYTES_MAX]);
            BoundedLog.bound(log);
            assertThat(log).hasSize(BoundedLog.BYTES_MAX);
            writer.write('x');
            BoundedLog.bound(log);
            assertThat(log).isEmptyFile();
            writer.write('y');
        }
        assertThat(log).hasContent("y");
    }

    @Test
    void needsNoLog() throws Exception {
        BoundedLog.bound(folder.resolve("none"));
        assertThat(folder).isEmptyDirectory();
    }
}
