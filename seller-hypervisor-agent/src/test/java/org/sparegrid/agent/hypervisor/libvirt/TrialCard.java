// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Predicate;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.virtualethernet.port.FramePort;

/// The other end of a trial guest's network card, of either kind.
final class TrialCard implements AutoCloseable {
    private static final long PING_MILLIS = 300;

    private final FramePort port;
    private final BlockingQueue<byte[]> frames = new ArrayBlockingQueue<>(1000);

    TrialCard(VmHandle vm) throws IOException {
        port = vm.card();
        port.start(frame -> {
            byte[] copy = new byte[frame.remaining()];
            frame.get(copy);
            frames.offer(copy);
        });
    }

    /// Waits until a frame is a DHCP request; the test gives up if none comes.
    boolean awaitDhcp() throws InterruptedException {
        Predicate<byte[]> isRequest =
                frame ->
                        frame.length > 42
                                && frame[12] == 8
                                && frame[13] == 0
                                && frame[23] == 17
                                && frame[36] == 0
                                && frame[37] == 67;
        while (!isRequest.test(frames.take())) {
            Thread.onSpinWait();
        }
        return true;
    }

    /// Pings all IPv6 nodes of the link from fe80::ff until the guest asks who that is, which it
    /// must know before it can answer: frames go both ways.
    boolean ping() throws InterruptedException {
        Thread pinging = Thread.ofVirtual().start(this::sendPings);
        Predicate<byte[]> asks =
                frame ->
                        frame.length > 77
                                && frame[12] == (byte) 0x86
                                && frame[54] == (byte) 135
                                && frame[62] == (byte) 0xfe
                                && frame[77] == (byte) 0xff;
        while (!asks.test(frames.take())) {
            Thread.onSpinWait();
        }
        pinging.interrupt();
        return true;
    }

    private void sendPings() {
        byte[] echo =
                HexFormat.of()
                        .parseHex(
                                "333300000001020000000002"
                                        + "86dd6000000000083a01"
                                        + "fe8000000000000000000000000000ff"
                                        + "ff020000000000000000000000000001"
                                        + "8000000000010001");
        int sum = 0x3a + 8;
        for (int i = 22; i < echo.length; i += 2) {
            sum += (echo[i] & 255) << 8 | echo[i + 1] & 255;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        int check = ~((sum & 0xffff) + (sum >>> 16));
        echo[56] = (byte) (check >> 8);
        echo[57] = (byte) check;
        try {
            while (true) {
                port.send(ByteBuffer.wrap(echo));
                Thread.sleep(PING_MILLIS);
            }
        } catch (InterruptedException answered) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        port.close();
    }
}
