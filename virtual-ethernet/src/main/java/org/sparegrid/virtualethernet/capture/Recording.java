// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.capture;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.TimeUnit;

/// What came of writing down what [Capture#serve] sends.
///
/// @param frames how many were written
/// @param bytes their length, and that of what the file says of them
public record Recording(long frames, long bytes) {
    /// Longer than any block of ours.
    private static final int BLOCK_BYTES_MAX = 1 << 20;

    /// Copies whole blocks, so that the file can be read whenever we are ended.
    ///
    /// @param capture is closed on our side at the end
    /// @param secondsMax after which it ends, or 0
    /// @param framesMax the same
    public static Recording write(
            SocketChannel capture, OutputStream out, int secondsMax, long framesMax)
            throws IOException {
        Timer timer = new Timer("capture-end", true);
        if (secondsMax > 0) {
            timer.schedule(
                    new TimerTask() {
                        @Override
                        public void run() {
                            end(capture);
                        }
                    },
                    TimeUnit.SECONDS.toMillis(secondsMax));
        }
        try {
            return copy(capture, out, framesMax);
        } finally {
            timer.cancel();
        }
    }

    private static Recording copy(SocketChannel capture, OutputStream out, long framesMax)
            throws IOException {
        InputStream in = Channels.newInputStream(capture);
        long frames = 0;
        long bytes = 0;
        byte[] block = block(in);
        while (block.length > 0) {
            boolean frame = type(block) == PcapNg.ENHANCED_PACKET;
            if (!frame || framesMax == 0 || frames < framesMax) {
                out.write(block);
                out.flush();
                frames += frame ? 1 : 0;
                bytes += frame ? block.length : 0;
                if (frame && frames == framesMax) {
                    end(capture);
                }
            }
            block = block(in);
        }
        return new Recording(frames, bytes);
    }

    private static int type(byte[] block) {
        return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    /// The next block, which is empty at the end.
    private static byte[] block(InputStream in) throws IOException {
        byte[] header = in.readNBytes(PcapNg.HEADER_LENGTH);
        if (header.length == 0) {
            return header;
        }
        if (header.length < PcapNg.HEADER_LENGTH) {
            throw new EOFException("the capture ended within a frame");
        }
        int length = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
        if (length < PcapNg.HEADER_LENGTH || length > BLOCK_BYTES_MAX) {
            throw new IOException("the capture can't be read");
        }
        byte[] block = new byte[length];
        System.arraycopy(header, 0, block, 0, PcapNg.HEADER_LENGTH);
        int rest = length - PcapNg.HEADER_LENGTH;
        if (in.readNBytes(block, PcapNg.HEADER_LENGTH, rest) < rest) {
            throw new EOFException("the capture ended within a frame");
        }
        return block;
    }

    private static void end(SocketChannel capture) {
        try {
            capture.shutdownOutput();
        } catch (IOException gone) {
            // Reading sees the same end.
        }
    }
}
