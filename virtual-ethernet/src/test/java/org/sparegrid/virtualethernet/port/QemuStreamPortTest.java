// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The test is QEMU: it listens at the socket.
@Timeout(120)
class QemuStreamPortTest {
    private final LinkedBlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    @TempDir private Path folder;
    private ServerSocketChannel qemu;
    private QemuStreamPort port;

    @BeforeEach
    void open() throws Exception {
        Path socket = folder.resolve("nic");
        qemu = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        qemu.bind(UnixDomainSocketAddress.of(socket));
        port = new QemuStreamPort(socket);
        port.start(frame -> {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            received.add(bytes);
        });
    }

    @AfterEach
    void close() throws Exception {
        port.close();
        qemu.close();
    }

    private static ByteBuffer framed(int... sizes) {
        ByteBuffer out = ByteBuffer.allocate(200_000);
        for (int size : sizes) {
            out.putInt(size).put(new byte[size]);
        }
        return out.flip();
    }

    @Test
    void cutsTheStreamIntoFramesWhereverItIsDivided() throws Exception {
        try (SocketChannel guest = qemu.accept()) {
            ByteBuffer stream = framed(60, 65_550, 1, 1384);
            while (stream.hasRemaining()) {
                int piece = Math.min(7_001, stream.remaining());
                guest.write(stream.slice(stream.position(), piece));
                stream.position(stream.position() + piece);
            }
            for (int size : new int[] {60, 65_550, 1, 1384}) {
                assertThat(received.poll(20, TimeUnit.SECONDS)).hasSize(size);
            }
        }
    }

    @Test
    void givesFramesToTheGuestWithTheirLength() throws Exception {
        try (SocketChannel guest = qemu.accept()) {
            sendOnceConnected(new byte[100]);
            ByteBuffer in = ByteBuffer.allocate(104);
            while (in.hasRemaining()) {
                guest.read(in);
            }
            assertThat(in.getInt(0)).isEqualTo(100);
        }
    }

    @Test
    void dialsAgainWhenQemuGoesAway() throws Exception {
        qemu.accept().close();
        try (SocketChannel again = qemu.accept()) {
            again.write(framed(60));
            assertThat(received.poll(20, TimeUnit.SECONDS)).hasSize(60);
        }
    }

    @Test
    void hangsUpOnALengthThatNoFrameHas() throws Exception {
        try (SocketChannel guest = qemu.accept()) {
            guest.write(ByteBuffer.allocate(4).putInt(65_551).flip());
            assertThat(guest.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        try (SocketChannel again = qemu.accept()) {
            again.write(framed(60));
            assertThat(received.poll(20, TimeUnit.SECONDS)).hasSize(60);
        }
    }

    @Test
    void dropsFramesForAGuestThatDoesNotReadAndResumesWhole() throws Exception {
        try (SocketChannel guest = qemu.accept()) {
            sendOnceConnected(new byte[1000]);
            int taken = 1;
            while (port.send(ByteBuffer.wrap(new byte[1000]))) {
                taken++;
                assertThat(taken).isLessThan(100_000);
            }
            ByteBuffer in = ByteBuffer.allocate(taken * 1004);
            while (in.hasRemaining()) {
                guest.read(in);
            }
            for (int i = 0; i < taken; i++) {
                assertThat(in.getInt(i * 1004)).isEqualTo(1000);
            }
            sendOnceConnected(new byte[60]);
        }
    }

    /// The port may still be about to see the connection.
    private void sendOnceConnected(byte[] frame) {
        while (!port.send(ByteBuffer.wrap(frame))) {
            Thread.onSpinWait();
        }
    }
}
