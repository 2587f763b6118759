// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/// Writes and reads past the kernel's cache. Its file has no name, so that nothing stays whatever
/// happens.
final class DiskSpeed implements AutoCloseable {
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int BLOCKS = 16;

    /// Nothing is measured on a disk with less than this left.
    private static final long FREE_BYTES_MIN = 256L << 20;

    /// A multiple of every disk's sectors.
    private static final int ALIGNMENT = 4096;

    private final FileChannel file;
    private final ByteBuffer block;

    private DiskSpeed(FileChannel file) {
        this.file = file;
        this.block =
                ByteBuffer.allocateDirect(BLOCK_BYTES + ALIGNMENT)
                        .alignedSlice(ALIGNMENT)
                        .slice(0, BLOCK_BYTES);
        byte[] noise = new byte[BLOCK_BYTES];
        new Random(1).nextBytes(noise); // some disks pack what they can
        block.put(0, noise);
    }

    /// @throws UnsupportedOperationException if the file system has no disk behind it
    static DiskSpeed in(Path folder) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < FREE_BYTES_MIN) {
            throw new IOException("only " + (free >> 20) + " MiB free, expected 256 at least");
        }
        Path file = Files.createTempFile(folder, "benchmark", ".tmp");
        try {
            return new DiskSpeed(
                    FileChannel.open(
                            file, StandardOpenOption.READ, StandardOpenOption.WRITE, direct()));
        } catch (UnsupportedOperationException | IOException cached) {
            throw new IOException(
                    folder + " can't be written past the kernel's cache: " + cached.getMessage());
        } finally {
            Files.delete(file);
        }
    }

    /// Past the cache. The option is of the JDK, not of Java, and the compiler warns of its name.
    private static OpenOption direct() {
        try {
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            return (OpenOption) options.getField("DIRECT").get(null);
        } catch (ReflectiveOperationException other) {
            throw new UnsupportedOperationException("this Java has no such option", other);
        }
    }

    /// Mebibytes a second until the disk has them.
    double write() throws IOException {
        long begin = System.nanoTime();
        for (long i = 0; i < BLOCKS; i++) {
            for (block.clear(); block.hasRemaining(); ) {
                file.write(block, i * BLOCK_BYTES + block.position());
            }
        }
        file.force(false);
        return BLOCKS * 1e9 / Math.max(1, System.nanoTime() - begin);
    }

    /// Mebibytes a second, of what was written.
    double read() throws IOException {
        long begin = System.nanoTime();
        for (long i = 0; i < BLOCKS; i++) {
            for (block.clear(); block.hasRemaining(); ) {
                if (file.read(block, i * BLOCK_BYTES + block.position()) < 0) {
                    throw new IOException("the file is shorter than what was written");
                }
            }
        }
        return BLOCKS * 1e9 / Math.max(1, System.nanoTime() - begin);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
