// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.sparegrid.agent.process.Tool;

/// A guest's disk for the time of its lease.
final class ScratchDisk {
    private static final Duration TOOL_MAX = Duration.ofSeconds(30);

    private ScratchDisk() {}

    /// Makes an empty one at `file`, or none if it has no size.
    static void make(Path file, int mebibytes) throws IOException {
        if (mebibytes == 0) {
            return;
        }
        Path tool =
                Tool.find("qemu-img")
                        .orElseThrow(
                                () -> new IOException("qemu-img is missing; install qemu-utils"));
        String[] command = {
            tool.toString(), "create", "-q", "-f", "qcow2", file.toString(), mebibytes + "M"
        };
        try {
            Tool.Answer answer = Tool.run(TOOL_MAX, command);
            if (answer.exitCode() != 0) {
                throw new IOException(Arrays.toString(command) + ": " + answer.output().strip());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the scratch disk was made", stop);
        }
    }
}
