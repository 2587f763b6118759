// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Reads one file of a market's record from its begin to its end.
final class SegmentReader implements Closeable {
    private final InputStream in;
    private final Segment segment;
    private final CRC32C checksum = new CRC32C();
    private long offset = Segment.LENGTH;
    private boolean cutOff;

    /// @throws RecordFormatException if it is none that this program can read
    SegmentReader(InputStream in) throws IOException, RecordFormatException {
        this.in = in;
        this.segment = Segment.parse(in.readNBytes(Segment.LENGTH));
    }

    Segment segment() {
        return segment;
    }

    /// How far it was read.
    long offset() {
        return offset;
    }

    /// Whether the end came within an event, as it does when the program is killed.
    boolean isCutOff() {
        return cutOff;
    }

    /// The next event, or nothing at the end.
    ///
    /// @throws RecordFormatException if it was changed; nothing behind it can be read
    Optional<EventReader.Timed> next() throws IOException, RecordFormatException {
        byte[] frame = in.readNBytes(Bytes.FRAME);
        if (frame.length < Bytes.FRAME) {
            cutOff = frame.length > 0;
            return Optional.empty();
        }
        ByteBuffer head = ByteBuffer.wrap(frame);
        int length = head.getInt();
        int expected = head.getInt();
        if (length < 1 || length > Segment.BODY_MAX) {
            throw damaged("an event of " + length + " bytes");
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            cutOff = true;
            return Optional.empty();
        }
        checksum.reset();
        checksum.update(body);
        if ((int) checksum.getValue() != expected) {
            throw damaged("a wrong checksum");
        }
        try {
            EventReader.Timed event = EventReader.read(body);
            offset += Bytes.FRAME + length;
            return Optional.of(event);
        } catch (RecordFormatException strange) {
            throw damaged(strange.reason());
        }
    }

    private RecordFormatException damaged(String what) {
        return new RecordFormatException("damaged at byte " + offset + ": " + what);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
