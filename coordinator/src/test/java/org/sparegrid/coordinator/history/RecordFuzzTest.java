// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.history;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.zip.CRC32C;

class RecordFuzzTest {
    private static final Instant BEGUN = Instant.ofEpochMilli(1_800_000_000_000L);

    @FuzzTest
    void readsAnEventOrSaysWhatIsWrong(byte[] bytes) {
        EventTest.read(bytes);
    }

    @FuzzTest
    void readsAFileOrSaysWhatIsWrong(byte[] bytes) throws IOException {
        EventTest.readFile(bytes);
    }

    /// Bytes that got a good checksum nevertheless, event by event, do no harm to a book.
    @FuzzTest
    void replaysEventsOrSaysWhatIsWrong(byte[] bytes) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Bytes file = new Bytes(bytes.length + 64);
        file.put(new Segment(1, BEGUN, true, false).toBytes());
        while (in.remaining() > 2) {
            int length = Math.min(Short.toUnsignedInt(in.getShort()), in.remaining());
            byte[] body = new byte[length];
            in.get(body);
            CRC32C sum = new CRC32C();
            sum.update(body);
            file.putInt(length);
            file.putInt((int) sum.getValue());
            file.put(body);
        }
        replay(file.drain());
    }

    private static void replay(byte[] file) throws IOException {
        ReplayedBook book = new ReplayedBook(true);
        try (SegmentReader reader = new SegmentReader(new java.io.ByteArrayInputStream(file))) {
            for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                Event event = next.get().event();
                if (event instanceof Event.Decision decision) {
                    var _ = book.check(decision);
                }
                var _ = book.apply(event);
            }
        } catch (RecordFormatException refused) {
            // That is what it is for.
        }
    }
}
