// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.agent.process.Tool;

/// The computer on which this program runs.
final class RealHost implements Host {
    private static final Duration TOOL_MAX = Duration.ofSeconds(10);

    @Override
    public Path file(String path) {
        return Path.of(path);
    }

    @Override
    public Optional<Path> program(String name) {
        return Tool.find(name);
    }

    @Override
    public Tool.Answer run(String... command) throws IOException, InterruptedException {
        return Tool.run(TOOL_MAX, command);
    }

    @Override
    public int userId() {
        return Kernel.userId();
    }

    @Override
    public int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    @Override
    public int javaRelease() {
        return Runtime.version().feature();
    }

    @Override
    public long freeBytes(Path folder) throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    @Override
    public boolean isPortFree(int udpPort) {
        try (DatagramSocket socket = new DatagramSocket(udpPort)) {
            return socket.isBound();
        } catch (SocketException taken) {
            return false;
        }
    }
}
