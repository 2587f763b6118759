// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/// Bounded reads of an image, little-endian, refused outside the file and after the time is up.
final class IsoBytes {
    private final FileChannel file;
    private final long sizeBytes;
    private final long deadlineNanos;

    IsoBytes(FileChannel file) throws IOException {
        this.file = file;
        this.sizeBytes = file.size();
        this.deadlineNanos = System.nanoTime() + IsoLimits.TIME_MAX.toNanos();
    }

    long sizeBytes() {
        return sizeBytes;
    }

    void requireInside(String what, long offsetBytes, long lengthBytes) throws IsoFormatException {
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes > sizeBytes - lengthBytes) {
            throw new IsoFormatException(
                    what
                            + " at sector "
                            + offsetBytes / IsoLimits.SECTOR_BYTES
                            + " of "
                            + lengthBytes
                            + " bytes lies beyond the end of the file of "
                            + sizeBytes
                            + " bytes; is it cut off?");
        }
    }

    ByteBuffer read(String what, long offsetBytes, int lengthBytes)
            throws IOException, IsoFormatException {
        requireInside(what, offsetBytes, lengthBytes);
        if (System.nanoTime() - deadlineNanos > 0) {
            throw new IsoFormatException("reading took longer than 5 s, stopped at " + what);
        }
        ByteBuffer buffer = ByteBuffer.allocate(lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, offsetBytes + buffer.position()) < 0) {
                throw new IsoFormatException(what + ": the file became shorter while it was read");
            }
        }
        return buffer.flip();
    }
}
