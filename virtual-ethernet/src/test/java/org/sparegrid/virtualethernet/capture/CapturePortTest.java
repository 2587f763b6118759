// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

class CapturePortTest {
    /// An ARP request: who has 10.77.0.2, tell 10.77.0.1.
    private static final byte[] ARP =
            HexFormat.of()
                    .parseHex(
                            "ffffffffffff"
                                    + "02000a4d0001"
                                    + "0806"
                                    + "0001080006040001"
                                    + "02000a4d0001"
                                    + "0a4d0001"
                                    + "000000000000"
                                    + "0a4d0002");

    private static final class Wire implements FramePort {
        final List<byte[]> sent = new ArrayList<>();
        Sink sink = _ -> {};

        @Override
        public void start(Sink begun) {
            sink = begun;
        }

        @Override
        public void configure(PortAddress address) {}

        @Override
        public boolean send(ByteBuffer frame) {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            return sent.add(bytes);
        }

        @Override
        public void close() {}
    }

    /// What a capture writes of one frame each way.
    static byte[] both() throws Exception {
        Wire wire = new Wire();
        CapturePort port = new CapturePort(wire);
        List<byte[]> received = new ArrayList<>();
        port.start(frame -> {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            received.add(bytes);
        });
        Capture capture = port.capture();
        wire.sink.accept(ByteBuffer.wrap(ARP));
        assertThat(port.send(ByteBuffer.wrap(ARP))).isTrue();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        CountDownLatch written = new CountDownLatch(2);
        Thread writer =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                capture.writeTo(
                                        new FilterOutputStream(file) {
                                            @Override
                                            public void write(byte[] bytes) throws IOException {
                                                file.write(bytes);
                                                if (bytes[0] == PcapNg.ENHANCED_PACKET) {
                                                    written.countDown();
                                                }
                                            }
                                        },
                                        "net1");
                            } catch (Exception failed) {
                                throw new AssertionError(failed);
                            }
                        });
        assertThat(written.await(10, TimeUnit.SECONDS)).isTrue();
        capture.close();
        writer.join();
        port.send(ByteBuffer.wrap(ARP));
        assertThat(received).hasSize(1).allMatch(each -> Arrays.equals(each, ARP));
        assertThat(wire.sent).hasSize(2).allMatch(each -> Arrays.equals(each, ARP));
        return file.toByteArray();
    }

    @Test
    void writesWholeBlocksThatSayTheirLengthTwice() throws Exception {
        ByteBuffer file = ByteBuffer.wrap(both()).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> types = new ArrayList<>();
        while (file.hasRemaining()) {
            int at = file.position();
            types.add(file.getInt());
            int length = file.getInt();
            assertThat(length % 4).isZero();
            assertThat(file.getInt(at + length - 4)).isEqualTo(length);
            file.position(at + length);
        }
        assertThat(types).containsExactly(0x0A0D0D0A, 1, 6, 6, 5);
    }
}
