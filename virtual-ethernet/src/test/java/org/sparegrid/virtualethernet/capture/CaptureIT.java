// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.testsupport.Command;

/// What others make of our captures.
@Tag("root")
class CaptureIT {
    @Test
    void tcpdumpReadsThem(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("net1.pcapng");
        Files.write(file, CapturePortTest.both());
        assertThat(Command.run("tcpdump", "-Z", "root", "-n", "-r", file.toString()).lines())
                .filteredOn(line -> line.contains("who-has 10.77.0.2 tell 10.77.0.1"))
                .hasSize(2);
    }
}
