// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import org.sparegrid.protocol.LeaseId;

/// Seals what is written, up to a most. [#finish()] must come last: a file without its last chunk
/// counts as cut off.
final class SealedOutput extends OutputStream {
    private final OutputStream out;
    private final Seal seal;
    private final byte[] chunk = new byte[Seal.CHUNK_BYTES];
    private final long bytesMax;
    private long leftBytes;
    private int filled;

    SealedOutput(OutputStream out, String key, LeaseId lease, long bytesMax) throws IOException {
        byte[] prefix = new byte[Seal.PREFIX_BYTES];
        new SecureRandom().nextBytes(prefix);
        this.out = out;
        this.seal = new Seal(key, lease, prefix);
        this.bytesMax = bytesMax;
        this.leftBytes = bytesMax;
        out.write(Seal.MAGIC);
        out.write(prefix);
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        leftBytes -= length;
        if (leftBytes < 0) {
            throw new IOException(
                    "checkpoint: larger than the "
                            + Math.max(0, bytesMax >> 20)
                            + " MiB that there are for it, with 1 GiB of the disk left free");
        }
        int at = offset;
        while (at < offset + length) {
            // A full chunk waits, as it may turn out to be the last.
            if (filled == chunk.length) {
                out.write(seal.seal(chunk, filled, false));
                filled = 0;
            }
            int part = Math.min(chunk.length - filled, offset + length - at);
            System.arraycopy(bytes, at, chunk, filled, part);
            filled += part;
            at += part;
        }
    }

    /// Writes the last chunk.
    void finish() throws IOException {
        out.write(seal.seal(chunk, filled, true));
        out.flush();
    }
}
