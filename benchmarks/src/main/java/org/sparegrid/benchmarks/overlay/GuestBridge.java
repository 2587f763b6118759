// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.benchmarks.overlay;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.network.Ipv4Subnet;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;
import org.sparegrid.virtualethernet.port.QemuStreamPort;
import org.sparegrid.virtualethernet.port.TapPort;
import org.sparegrid.virtualethernet.port.VhostUserPort;

/// Joins a guest's card with a TAP device, and nothing more, to compare kinds of cards; runs until
/// it is killed.
public final class GuestBridge {
    private GuestBridge() {}

    /// Arguments: name of the TAP device; `vhost`, `stream` or `udp`; the socket of the guest's
    /// QEMU, or the UDP port that it sends to, from the next one.
    public static void main(String[] arguments) throws Exception {
        TapPort tap = new TapPort(arguments[0]);
        FramePort guest =
                switch (arguments[1]) {
                    case "vhost" -> new VhostUserPort(Path.of(arguments[2]));
                    case "stream" -> new QemuStreamPort(Path.of(arguments[2]));
                    case "udp" -> new QemuUdpPort(Integer.parseInt(arguments[2]));
                    default -> throw new IllegalArgumentException("unknown card " + arguments[1]);
                };
        guest.start(new Into(tap));
        tap.start(new Into(guest));
        tap.configure(
                new PortAddress(
                        MacAddress.parse("02:00:00:00:00:01"),
                        Inet4Address.ofLiteral("10.77.0.1"),
                        Ipv4Subnet.parse("10.77.0.0/24"),
                        1500));
        new CountDownLatch(1).await();
    }

    /// Passes on what one port receives to the other, as an attachment does with what is its own.
    private static final class Into implements FramePort.Sink {
        private final FramePort port;
        private final SuperFrame part = new SuperFrame();
        private byte[] one = {};

        Into(FramePort port) {
            this.port = port;
        }

        @Override
        public void accept(ByteBuffer frame) {
            port.send(frame);
        }

        @Override
        public void add(SuperFrame frame) {
            if (one.length < frame.longest()) {
                one = new byte[frame.longest()];
            }
            try {
                for (int i = 0; i < frame.count(); i++) {
                    int length = frame.write(i, one, 0, false);
                    port.add(
                            part.set(one, 0, length, frame.checksumStart(), frame.checksumField()));
                }
            } catch (FrameFormatException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        @Override
        public void flush() {
            port.flush();
        }
    }

    /// The card of libvirt's `type='udp'`: one frame in a datagram.
    private static final class QemuUdpPort implements FramePort {
        private final DatagramChannel channel;
        private final ByteBuffer out = ByteBuffer.allocateDirect(65_536);

        QemuUdpPort(int port) throws IOException {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            channel =
                    DatagramChannel.open()
                            .bind(new InetSocketAddress(loopback, port))
                            .connect(new InetSocketAddress(loopback, port + 1));
        }

        @Override
        public void start(Sink sink) {
            Thread.ofPlatform().name("sparegrid-udp-card").daemon().start(() -> read(sink));
        }

        private void read(Sink sink) {
            ByteBuffer in = ByteBuffer.allocateDirect(65_536);
            while (channel.isOpen()) {
                try {
                    channel.read(in.clear());
                    sink.accept(in.flip());
                } catch (ClosedByInterruptException closed) {
                    return;
                } catch (IOException notThereYet) {
                    Thread.onSpinWait();
                }
            }
        }

        @Override
        public void configure(PortAddress address) {}

        @Override
        public synchronized boolean send(ByteBuffer frame) {
            try {
                out.clear().put(frame.slice()).flip();
                return channel.write(out) > 0;
            } catch (IOException notThere) {
                return false;
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException broken) {
                throw new IllegalStateException(broken);
            }
        }
    }
}
