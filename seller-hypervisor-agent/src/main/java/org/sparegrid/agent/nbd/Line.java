// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/// Whole messages over a stream of bytes. One thread reads, any thread writes.
final class Line {
    private final ByteChannel channel;
    private final Object writing = new Object();

    Line(ByteChannel channel) {
        this.channel = channel;
    }

    /// Waits for so many bytes.
    ///
    /// @throws EOFException if the other side went
    ByteBuffer read(int lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException(
                        "nbd: expected " + lengthBytes + " bytes, got " + bytes.position());
            }
        }
        return bytes.flip();
    }

    /// Writes what is before the buffer's position, in one piece.
    void write(ByteBuffer message) throws IOException {
        message.flip();
        synchronized (writing) {
            while (message.hasRemaining()) {
                channel.write(message);
            }
        }
    }
}
