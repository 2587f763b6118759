// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// A buffer that grows, for frames of a length, a checksum and a body.
final class Bytes {
    /// The length and the checksum.
    static final int FRAME = 8;

    private ByteBuffer buffer;
    private final CRC32C checksum = new CRC32C();
    private int frame;

    Bytes(int capacity) {
        buffer = ByteBuffer.allocate(capacity);
    }

    int size() {
        return buffer.position();
    }

    /// What was put in, and begins anew.
    byte[] drain() {
        byte[] all = new byte[buffer.position()];
        buffer.flip();
        buffer.get(all);
        buffer.clear();
        return all;
    }

    void beginFrame() {
        room(FRAME);
        frame = buffer.position();
        buffer.position(frame + FRAME);
    }

    void endFrame() {
        int length = buffer.position() - frame - FRAME;
        checksum.reset();
        checksum.update(buffer.array(), frame + FRAME, length);
        buffer.putInt(frame, length);
        buffer.putInt(frame + 4, (int) checksum.getValue());
    }

    void put(byte[] bytes) {
        room(bytes.length).put(bytes);
    }

    void putByte(int value) {
        room(1).put((byte) value);
    }

    void putFlag(boolean value) {
        putByte(value ? 1 : 0);
    }

    void putInt(int value) {
        room(4).putInt(value);
    }

    void putLong(long value) {
        room(8).putLong(value);
    }

    void putText(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        room(2).putShort((short) bytes.length);
        put(bytes);
    }

    private ByteBuffer room(int more) {
        if (buffer.remaining() < more) {
            int capacity = Math.max(buffer.capacity() * 2, buffer.position() + more);
            buffer.flip();
            buffer = ByteBuffer.allocate(capacity).put(buffer);
        }
        return buffer;
    }
}
