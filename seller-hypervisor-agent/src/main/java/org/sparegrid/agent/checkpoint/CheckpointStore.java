// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.checkpoint;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.protocol.LeaseId;

/// One file for each lease that has a checkpoint: its newest, whole. Any thread.
public final class CheckpointStore {
    /// What stays free on the disk whatever is saved, in bytes.
    private static final long FREE_BYTES_MIN = 1L << 30;

    private static final String SUFFIX = ".ckpt";

    private final Path folder;

    /// One guest after another: none waits long, and the owner's disk isn't taken by all at once.
    private final ReentrantLock turn = new ReentrantLock();

    private final LongSupplier clock;

    /// Keeps the files in `folder`, which must exist.
    ///
    /// @param clock milliseconds since the computer's boot
    public CheckpointStore(Path folder, LongSupplier clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /// The clock by which guests are saved.
    public LongSupplier clock() {
        return clock;
    }

    /// What a guest's state is written by.
    public interface Saving {
        /// Writes all of it.
        void write(OutputStream out) throws IOException;
    }

    /// What a guest is made from again.
    public interface Reading<T> {
        /// Reads all of it.
        T read(InputStream in) throws IOException;
    }

    /// Replaces the lease's checkpoint; until this has returned, the one before holds.
    ///
    /// @param key 32 bytes in base64
    /// @param bytesMax the most that may be written
    /// @return false if another guest is being saved
    /// @throws IOException if it fails; the one before holds then
    public boolean save(LeaseId lease, String key, long bytesMax, Saving state) throws IOException {
        if (!turn.tryLock()) {
            return false;
        }
        try {
            long room = Files.getFileStore(folder).getUsableSpace() - FREE_BYTES_MIN;
            AtomicFile.write(
                    file(lease),
                    out -> {
                        long most = Math.min(bytesMax, room);
                        SealedOutput sealed = new SealedOutput(out, key, lease, most);
                        state.write(sealed);
                        sealed.finish();
                    });
            return true;
        } finally {
            turn.unlock();
        }
    }

    /// Whether a guest is being saved.
    public boolean isBusy() {
        return turn.isLocked();
    }

    /// Reads the lease's checkpoint.
    ///
    /// @throws IOException if there is none, it is damaged, or `state` throws it
    public <T> T read(LeaseId lease, String key, Reading<T> state) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file(lease)));
                SealedInput open = new SealedInput(in, key, lease)) {
            return state.read(open);
        }
    }

    /// Whether the lease has a checkpoint.
    public boolean has(LeaseId lease) {
        return Files.exists(file(lease));
    }

    /// How large the lease's checkpoint is.
    public long bytes(LeaseId lease) throws IOException {
        return Files.size(file(lease));
    }

    /// Removes the lease's checkpoint for good, if it has one.
    public void remove(LeaseId lease) throws IOException {
        AtomicFile.delete(file(lease));
    }

    /// Removes all that belongs to no lease of these, and what a crash left half written.
    public void keepOnly(Set<String> leases) throws IOException {
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (!name.endsWith(SUFFIX)
                        || !leases.contains(name.substring(0, name.length() - SUFFIX.length()))) {
                    AtomicFile.delete(file);
                }
            }
        }
    }

    private Path file(LeaseId lease) {
        return folder.resolve(lease.value() + SUFFIX);
    }
}
