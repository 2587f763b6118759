// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.nio.ByteBuffer;
import java.util.concurrent.LinkedBlockingQueue;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// A port whose machine is the test, which listens to no group and ignores who asks for them.
final class MemoryPort implements FramePort {
    final LinkedBlockingQueue<byte[]> delivered = new LinkedBlockingQueue<>();
    private volatile Sink sink = _ -> {};

    @Override
    public void start(Sink target) {
        sink = target;
    }

    @Override
    public void configure(PortAddress address) {}

    @Override
    public boolean send(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        boolean question = MacAddress.bits(bytes, 6) == NetworkMap.SERVICE_MAC.bits();
        return (question && (bytes[0] & 1) != 0) || delivered.add(bytes);
    }

    @Override
    public void close() {}

    /// The machine sends a frame that a card with offloads has read.
    void emit(SuperFrame frame) {
        sink.add(frame);
        sink.flush();
    }

    /// The machine sends a frame.
    void emit(byte[] frame) {
        sink.accept(ByteBuffer.wrap(frame));
    }
}
