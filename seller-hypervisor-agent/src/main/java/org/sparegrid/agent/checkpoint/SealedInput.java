// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.sparegrid.protocol.LeaseId;

/// Opens what [SealedOutput] sealed, chunk by chunk; nothing is given out that wasn't proven.
final class SealedInput extends InputStream {
    private final InputStream in;
    private final Seal seal;
    private final byte[] sealed = new byte[Seal.CHUNK_BYTES + Seal.TAG_BYTES];
    private byte[] open = new byte[0];
    private int at;
    private int ahead;
    private boolean last;

    /// @throws IOException if it is no checkpoint
    SealedInput(InputStream in, String key, LeaseId lease) throws IOException {
        this.in = in;
        if (!Arrays.equals(in.readNBytes(Seal.MAGIC.length), Seal.MAGIC)) {
            throw new IOException("checkpoint: expected SGCKPT01 at offset 0");
        }
        byte[] prefix = in.readNBytes(Seal.PREFIX_BYTES);
        if (prefix.length < Seal.PREFIX_BYTES) {
            throw new IOException("checkpoint: cut off within its nonce");
        }
        this.seal = new Seal(key, lease, prefix);
        this.ahead = in.read();
    }

    @Override
    public int read() throws IOException {
        byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(single[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (at == open.length) {
            if (last) {
                return -1;
            }
            next();
        }
        int part = Math.min(length, open.length - at);
        System.arraycopy(open, at, into, offset, part);
        at += part;
        return part;
    }

    private void next() throws IOException {
        if (ahead < 0) {
            throw new IOException("checkpoint: cut off");
        }
        sealed[0] = (byte) ahead;
        int length = 1 + in.readNBytes(sealed, 1, sealed.length - 1);
        ahead = in.read();
        last = ahead < 0;
        open = seal.open(sealed, length, last);
        at = 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
