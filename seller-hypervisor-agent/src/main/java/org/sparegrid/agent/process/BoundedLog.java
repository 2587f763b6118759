// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The log of another program, which would let it grow for ever: a guest can have QEMU say
/// something again and again.
public final class BoundedLog {
    /// Far more than a program says that has no trouble.
    static final long BYTES_MAX = 4 << 20;

    private static final System.Logger LOG = System.getLogger(BoundedLog.class.getName());

    private BoundedLog() {}

    /// Empties it once it is too large; its writer, which appends to it, goes on in the same file.
    public static void bound(Path log) throws IOException {
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
            long bytes = file.size();
            if (bytes > BYTES_MAX) {
                file.truncate(0);
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> "log emptied file=" + log + " cause=it had " + bytes + " bytes");
            }
        } catch (NoSuchFileException none) {
            LOG.log(System.Logger.Level.TRACE, () -> "no log file=" + log);
        }
    }
}
