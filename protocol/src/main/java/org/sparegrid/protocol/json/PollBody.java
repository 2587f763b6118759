// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.json;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The body of a poll or of its answer: a head and frames, each in CBOR after its length.
///
/// ```text
///  offset  size  field
///       0     4  length    of the head in bytes, big-endian, 1 to 16 MiB
///       4     n  head      a map in CBOR
///     4+n     4  length    of the first frame, and so on to the end of the body
/// ```
///
/// Source: docs/protocol/agent-session.md, section "Polling".
///
/// @param head what comes first
/// @param frames what comes after it, in order
public record PollBody<H, F>(H head, List<F> frames) {
    /// A writer begins no further frame beyond this: what is left goes with the next body.
    public static final int FULL_BYTES = 1 << 20;

    /// The longest body: one that was not full yet, and the longest frame.
    public static final int LENGTH_MAX_BYTES = FULL_BYTES + Format.LENGTH_MAX_BYTES + Integer.BYTES;

    /// As many frames as may wait over a WebSocket.
    public static final int FRAMES_MAX = 4_096;

    /// Copies the frames.
    public PollBody {
        frames = List.copyOf(frames);
    }

    /// Reads a body.
    ///
    /// @throws MessageFormatException if it is anything else, saying what and where
    public static <H, F> PollBody<H, F> parse(byte[] body, Class<H> head, Class<F> frame)
            throws MessageFormatException {
        if (body.length > LENGTH_MAX_BYTES) {
            throw new MessageFormatException(
                    "poll: expected at most " + LENGTH_MAX_BYTES + " bytes, got " + body.length);
        }
        ByteBuffer in = ByteBuffer.wrap(body);
        H first = Format.CBOR.read(piece(in), head);
        List<F> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            if (frames.size() == FRAMES_MAX) {
                throw new MessageFormatException(
                        "poll: expected at most "
                                + FRAMES_MAX
                                + " frames, got more at offset "
                                + in.position());
            }
            frames.add(Format.CBOR.read(piece(in), frame));
        }
        return new PollBody<>(first, frames);
    }

    private static byte[] piece(ByteBuffer in) throws MessageFormatException {
        int at = in.position();
        if (in.remaining() < Integer.BYTES) {
            throw new MessageFormatException(
                    "poll: expected a length of 4 bytes at offset "
                            + at
                            + ", got "
                            + in.remaining());
        }
        int length = in.getInt();
        if (length < 1 || length > Format.LENGTH_MAX_BYTES) {
            throw new MessageFormatException(
                    "poll: expected a length of 1 to "
                            + Format.LENGTH_MAX_BYTES
                            + " at offset "
                            + at
                            + ", got "
                            + Integer.toUnsignedString(length));
        }
        if (length > in.remaining()) {
            throw new MessageFormatException(
                    "poll: expected "
                            + length
                            + " bytes at offset "
                            + in.position()
                            + ", got "
                            + in.remaining());
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /// Its bytes.
    public byte[] toBytes() {
        Writer writer = new Writer(head);
        frames.forEach(writer::put);
        return writer.toBytes();
    }

    /// Makes a body frame by frame until it is full.
    public static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private int frames;

        /// Begins with a head.
        public Writer(Object head) {
            piece(head);
        }

        /// Adds a frame unless the body is full.
        ///
        /// @return whether it was added
        public boolean add(Object frame) {
            boolean room = frames < FRAMES_MAX && out.size() < FULL_BYTES;
            if (room) {
                put(frame);
            }
            return room;
        }

        private void put(Object frame) {
            frames++;
            piece(frame);
        }

        private void piece(Object value) {
            byte[] bytes = Format.CBOR.write(value);
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            out.writeBytes(bytes);
        }

        /// What was added so far.
        public byte[] toBytes() {
            return out.toByteArray();
        }
    }
}
