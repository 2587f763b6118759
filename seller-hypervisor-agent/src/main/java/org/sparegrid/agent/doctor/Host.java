// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.sparegrid.agent.process.Tool;

/// The computer that is examined, so that tests can break one.
interface Host {
    /// Where a file of the system really is: `/proc/meminfo` and the like.
    Path file(String path);

    /// Where a program is, if it is installed.
    Optional<Path> program(String name);

    /// Runs a program.
    Tool.Answer run(String... command) throws IOException, InterruptedException;

    /// The user that the agent runs as.
    int userId();

    /// The number of processors.
    int processors();

    /// The release of Java.
    int javaRelease();

    /// How much this user may still write where `folder` is, in bytes.
    long freeBytes(Path folder) throws IOException;

    /// Whether this UDP port can be opened.
    boolean isPortFree(int udpPort);

    /// The computer on which this program runs.
    static Host real() {
        return new RealHost();
    }
}
