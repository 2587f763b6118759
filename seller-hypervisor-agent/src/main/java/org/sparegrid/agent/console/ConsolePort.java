// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.console;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.sparegrid.agent.process.Kernel;
import org.sparegrid.protocol.control.Blob;

/// One guest's serial console: what it writes, a bounded part of it, and what it is sent.
public final class ConsolePort implements AutoCloseable {
    /// What is kept until it is taken, in bytes; a guest that writes faster loses the rest.
    public static final int PENDING_BYTES_MAX = 64 * 1024;

    private final SocketChannel channel;
    private final byte[] pending = new byte[PENDING_BYTES_MAX];
    private final Starts starts = new Starts();
    private int pendingLength;
    private long writtenBytes;

    private ConsolePort(SocketChannel channel, long writtenBytes) {
        this.channel = channel;
        this.writtenBytes = writtenBytes;
    }

    /// A part of what the guest wrote.
    ///
    /// @param offset the place of the first byte in all that it ever wrote
    public record Part(long offset, Blob bytes) {}

    /// Connects to QEMU and begins to read.
    ///
    /// @param writtenBytes what the guest had written before
    public static ConsolePort open(Path socket, long writtenBytes) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException notThere) {
            channel.close();
            throw new IOException("connecting to the console " + socket, notThere);
        }
        ConsolePort port = new ConsolePort(channel, writtenBytes);
        Thread.ofVirtual().name("console-" + socket).start(port::read);
        return port;
    }

    /// How much the guest ever wrote.
    public synchronized long writtenBytes() {
        return writtenBytes;
    }

    /// What is wrong with how often the guest started since this was opened, if anything is.
    public synchronized Optional<String> startsTooOften() {
        return starts.tooMany();
    }

    /// Takes the oldest bytes that nobody took, at most `bytesMax`.
    public synchronized Part take(int bytesMax) {
        int length = Math.min(bytesMax, pendingLength);
        Part part =
                new Part(
                        writtenBytes - pendingLength,
                        new Blob(Arrays.copyOfRange(pending, 0, length)));
        System.arraycopy(pending, length, pending, 0, pendingLength - length);
        pendingLength -= length;
        return part;
    }

    /// Sends keys to the guest.
    public void write(byte[] keys) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(keys);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            System.getLogger(ConsolePort.class.getName())
                    .log(System.Logger.Level.DEBUG, () -> "console was gone " + alreadyGone);
        }
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (channel.read(buffer) >= 0) {
                keep(buffer.flip());
                buffer.clear();
            }
        } catch (IOException closed) {
            System.getLogger(ConsolePort.class.getName())
                    .log(System.Logger.Level.DEBUG, () -> "console ended cause=" + closed);
        }
    }

    /// Keeps the newest bytes when there are too many.
    private synchronized void keep(ByteBuffer more) {
        starts.wrote(more, Kernel.bootMillis());
        int length = more.remaining();
        writtenBytes += length;
        int over = Math.max(0, pendingLength + length - PENDING_BYTES_MAX);
        System.arraycopy(pending, over, pending, 0, pendingLength - over);
        pendingLength -= over;
        more.get(pending, pendingLength, length);
        pendingLength += length;
    }
}
