// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// A qcow2 file, which is read but never handed to QEMU: sellers get the raw disk in it.
///
/// Every offset is checked against the file; the memory it takes is that of three clusters.
///
/// Source: docs/interop/qcow2.txt of QEMU.
public final class Qcow2File implements AutoCloseable {
    private static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;
    private static final long COPIED = 1L << 63;
    private static final long COMPRESSED = 1L << 62;
    private static final long ZERO = 1;
    private static final int SECTOR_BYTES = 512;

    private final FileChannel file;
    private final long fileBytes;
    private final Qcow2Header header;
    private final int clusterBytes;

    private Qcow2File(FileChannel file, long fileBytes, Qcow2Header header) {
        this.file = file;
        this.fileBytes = fileBytes;
        this.header = header;
        this.clusterBytes = 1 << header.clusterBits();
    }

    /// Opens `path` and checks its header.
    ///
    /// @throws DiskFormatException if it is not such a file, needs another one or is too large
    public static Qcow2File open(Path path) throws IOException, DiskFormatException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        try {
            ByteBuffer head = ByteBuffer.allocate(Qcow2Header.HEAD_BYTES_MAX);
            while (head.hasRemaining() && file.read(head, head.position()) > 0) {
                // Goes on.
            }
            byte[] bytes = new byte[head.flip().remaining()];
            head.get(bytes);
            return new Qcow2File(file, file.size(), Qcow2Header.parse(bytes));
        } catch (IOException | DiskFormatException | RuntimeException failed) {
            file.close();
            throw failed;
        }
    }

    /// The disk's size in bytes.
    public long sizeBytes() {
        return header.sizeBytes();
    }

    /// Writes the raw disk as the file `target`, with holes where the disk is empty.
    ///
    /// @throws DiskFormatException if a table or a compressed cluster is damaged
    public void writeRaw(Path target) throws IOException, DiskFormatException {
        Inflater inflater = new Inflater(true);
        try (RandomAccessFile out = new RandomAccessFile(target.toFile(), "rw")) {
            out.setLength(0);
            out.setLength(sizeBytes());
            int perTable = clusterBytes / Long.BYTES;
            for (int i = 0; i < header.l1Entries(); i++) {
                long entry = read(header.l1Offset() + (long) i * Long.BYTES, Long.BYTES).getLong();
                long tableOffset = entry & ~COPIED;
                if (tableOffset != 0) {
                    long first = (long) i * perTable;
                    writeTable(cluster(tableOffset, "table 2"), first, inflater, out.getChannel());
                }
            }
        } finally {
            inflater.end();
        }
    }

    private void writeTable(ByteBuffer table, long firstCluster, Inflater inflater, FileChannel out)
            throws IOException, DiskFormatException {
        for (int i = 0; i < clusterBytes / Long.BYTES; i++) {
            long entry = table.getLong(i * Long.BYTES);
            long start = (firstCluster + i) << header.clusterBits();
            if (start >= sizeBytes()) {
                return;
            }
            if (entry == 0) {
                continue;
            }
            ByteBuffer content;
            if ((entry & COMPRESSED) != 0) {
                content = inflate(entry & ~(COMPRESSED | COPIED), inflater);
            } else if (header.version() == 3 && (entry & ZERO) != 0) {
                continue;
            } else {
                long offset = entry & ~COPIED;
                if (offset == 0) {
                    continue;
                }
                content = cluster(offset, "cluster");
            }
            content.limit((int) Math.min(content.limit(), sizeBytes() - start));
            write(content, out, start);
        }
    }

    /// Bits 0 to x-1 are the offset, those up to 61 how many more sectors it reaches into.
    private ByteBuffer inflate(long descriptor, Inflater inflater)
            throws IOException, DiskFormatException {
        int offsetBits = 62 - (header.clusterBits() - 8);
        long offset = descriptor & ((1L << offsetBits) - 1);
        long sectors = (descriptor >>> offsetBits) + 1;
        long lengthBytes = sectors * SECTOR_BYTES - offset % SECTOR_BYTES;
        if (lengthBytes > 2L * clusterBytes || offset >= fileBytes) {
            throw new DiskFormatException(
                    "qcow2: expected a compressed cluster within the file, got offset " + offset);
        }
        // The last sector may be cut off by the file's end.
        ByteBuffer packed = read(offset, (int) Math.min(lengthBytes, fileBytes - offset));
        byte[] unpacked = new byte[clusterBytes];
        inflater.reset();
        inflater.setInput(packed);
        try {
            int done = 0;
            while (done < unpacked.length) {
                int more = inflater.inflate(unpacked, done, unpacked.length - done);
                if (more == 0) {
                    throw new DiskFormatException(
                            "qcow2: expected a compressed cluster of "
                                    + clusterBytes
                                    + " bytes at offset "
                                    + offset
                                    + ", got "
                                    + done);
                }
                done += more;
            }
        } catch (DataFormatException damaged) {
            throw new DiskFormatException("qcow2: damaged compressed cluster at offset " + offset);
        }
        return ByteBuffer.wrap(unpacked);
    }

    private ByteBuffer cluster(long offset, String what) throws IOException, DiskFormatException {
        if ((offset & ~OFFSET_MASK) != 0 || offset % clusterBytes != 0) {
            throw new DiskFormatException(
                    "qcow2: expected a "
                            + what
                            + " at a cluster, got 0x"
                            + Long.toHexString(offset));
        }
        if (offset >= fileBytes) {
            throw new DiskFormatException(
                    "qcow2: expected a "
                            + what
                            + " within the file of "
                            + fileBytes
                            + " bytes, got offset "
                            + offset);
        }
        // The last cluster of a file need not be whole; what lacks is zero.
        ByteBuffer whole = ByteBuffer.allocate(clusterBytes).order(ByteOrder.BIG_ENDIAN);
        whole.put(read(offset, (int) Math.min(clusterBytes, fileBytes - offset)));
        return whole.clear();
    }

    private ByteBuffer read(long offset, int lengthBytes) throws IOException, DiskFormatException {
        if (offset < 0 || offset > fileBytes - lengthBytes) {
            throw new DiskFormatException(
                    "qcow2: expected "
                            + lengthBytes
                            + " bytes at offset "
                            + offset
                            + " of a file of "
                            + fileBytes);
        }
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes).order(ByteOrder.BIG_ENDIAN);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, offset + bytes.position()) < 0) {
                throw new IOException("a qcow2 file became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    private static void write(ByteBuffer content, FileChannel out, long at) throws IOException {
        long start = at;
        while (content.hasRemaining()) {
            start += out.write(content, start);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
