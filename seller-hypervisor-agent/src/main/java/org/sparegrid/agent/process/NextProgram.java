// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Gives this process to another program, which keeps its number, terminal and parent. So a new
/// version takes an old one's place, whoever started that. Source: execve(2), fcntl(2) for x86.
public final class NextProgram {
    private static final int SET_FLAGS = 2;
    private static final int CLOSE_ON_EXEC = 1;

    /// Standard input, output and error stay open.
    private static final int STANDARD_MAX = 2;

    static {
        Native.register(NextProgram.class, "c");
    }

    private NextProgram() {}

    /// Becomes the program with its arguments; returns only by failing.
    ///
    /// @param command the program's path and its arguments
    public static void become(List<String> command) throws IOException {
        try (var open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : open) {
                int descriptor = Integer.parseInt(String.valueOf(each.getFileName()));
                if (descriptor > STANDARD_MAX) {
                    // It may be closed already, as the one that reads this folder will be.
                    fcntl(descriptor, SET_FLAGS, CLOSE_ON_EXEC);
                }
            }
        }
        try (StringArray words = new StringArray(command.toArray(String[]::new))) {
            execv(command.getFirst(), words);
            throw new IOException(
                    "execv: "
                            + command.getFirst()
                            + " can't be started: error "
                            + Native.getLastError());
        }
    }

    private static native int fcntl(int descriptor, int command, int flags);

    private static native int execv(String path, Pointer words);
}
