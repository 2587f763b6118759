// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

class ShapedPortTest {
    private final List<String> seen = new ArrayList<>();
    private final Inner inner = new Inner();
    private final TokenBucket toGuest = new TokenBucket();
    private final ShapedPort port = new ShapedPort(inner, new TokenBucket(), toGuest);

    /// Writes down what reaches the port of the guest.
    private final class Inner implements FramePort {
        private Sink sink = _ -> {};

        @Override
        public void start(Sink given) {
            sink = given;
        }

        @Override
        public void configure(PortAddress address) {}

        @Override
        public boolean send(ByteBuffer frame) {
            return seen.add("send " + frame.remaining());
        }

        @Override
        public boolean add(SuperFrame frame) {
            return seen.add("add " + frame.length());
        }

        @Override
        public void flush() {
            seen.add("flush");
        }

        @Override
        public void close() {
            seen.add("close");
        }
    }

    /// Writes down what the guest sends.
    private final class Network implements FramePort.Sink {
        @Override
        public void accept(ByteBuffer frame) {
            seen.add("accept " + frame.remaining());
        }

        @Override
        public void add(SuperFrame frame) {
            seen.add("take " + frame.length());
        }

        @Override
        public void flush() {
            seen.add("sent");
        }
    }

    @Test
    void keepsTogetherWhatComesTogether() throws Exception {
        port.start(new Network());
        SuperFrame frame = new SuperFrame().set(new byte[60], 0, 60);
        inner.sink.add(frame);
        inner.sink.add(frame);
        inner.sink.flush();
        inner.sink.accept(ByteBuffer.allocate(70));
        assertThat(port.add(frame)).isTrue();
        port.flush();
        assertThat(port.send(ByteBuffer.allocate(80))).isTrue();
        port.close();
        assertThat(seen)
                .containsExactly(
                        "take 60",
                        "take 60",
                        "sent",
                        "accept 70",
                        "add 60",
                        "flush",
                        "send 80",
                        "close");
    }

    @Test
    void dropsWhatTheLineToTheGuestDoesNotTake() throws Exception {
        toGuest.rate(1, System.nanoTime());
        SuperFrame frame = new SuperFrame().set(new byte[60], 0, 60);
        assertThat(port.add(frame)).isFalse();
        assertThat(port.send(ByteBuffer.allocate(60))).isFalse();
        assertThat(seen).isEmpty();
    }
}
