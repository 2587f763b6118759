// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/// An open file that another process passed to this one, which it still shares and may be hostile.
public final class PassedFile implements AutoCloseable {
    private final int number;
    private boolean closed;

    PassedFile(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /// What the kernel calls it, without touching the file itself.
    String kernelName() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (Arena arena = Arena.ofConfined()) {
            LinuxCalls.close(LinuxCalls.newState(arena), number);
        } catch (IOException broken) {
            System.getLogger(PassedFile.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a passed file failed", broken);
        }
    }
}
