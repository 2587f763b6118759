// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.ArpPacket;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.Ipv4Packet;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.network.Ipv4;
import org.sparegrid.virtualethernet.network.NetworkMap;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// A port over which this process itself opens TCP connections to the machine, from the network's
/// service address.
///
/// Nothing of them leaves this process but to the machine. Until the first connection every frame
/// passes untouched; then what the machine answers to the service address over TCP goes no further.
public final class NearPort implements FramePort {
    private final FramePort port;
    private final Inet4Address service;
    private volatile @Nullable UserSpaceHost host;
    private @Nullable PortAddress machine;
    private boolean closed;

    /// Passes everything else on to `port`, which it owns.
    ///
    /// @param service the network's service address
    public NearPort(FramePort port, Inet4Address service) {
        this.port = port;
        this.service = service;
    }

    /// Connects to a TCP port of the machine and waits until it answers.
    ///
    /// @throws java.net.ConnectException if the machine refuses
    /// @throws java.net.SocketTimeoutException if it does not answer within `timeout`
    /// @throws IOException if the port has no address yet, or is closed
    public TcpConnection connect(int tcpPort, Duration timeout) throws IOException {
        UserSpaceHost near;
        Inet4Address address;
        synchronized (this) {
            PortAddress known = machine;
            if (closed || known == null) {
                throw new SocketException(closed ? "port: closed" : "port: no address yet");
            }
            near = host(known);
            address = known.address();
        }
        return near.connect(new InetSocketAddress(address, tcpPort), timeout);
    }

    private UserSpaceHost host(PortAddress known) {
        UserSpaceHost near = host;
        if (near == null) {
            near = new UserSpaceHost();
            near.start(frame -> {
                port.send(frame);
                port.flush();
            });
            near.configure(own(known));
            host = near;
        }
        return near;
    }

    private PortAddress own(PortAddress known) {
        return new PortAddress(NetworkMap.SERVICE_MAC, service, known.subnet(), known.mtu());
    }

    @Override
    public void start(Sink sink) throws IOException {
        port.start(new FromMachine(sink));
    }

    @Override
    public void configure(PortAddress address) throws IOException {
        port.configure(address);
        synchronized (this) {
            machine = address;
            UserSpaceHost near = host;
            if (near != null) {
                near.configure(own(address));
            }
        }
    }

    @Override
    public boolean send(ByteBuffer frame) {
        return port.send(frame);
    }

    @Override
    public boolean add(SuperFrame frame) {
        return port.add(frame);
    }

    @Override
    public void flush() {
        port.flush();
    }

    @Override
    public void limitProcessors(double ofOneProcessor) {
        port.limitProcessors(ofOneProcessor);
    }

    @Override
    public void close() {
        UserSpaceHost near;
        synchronized (this) {
            closed = true;
            near = host;
        }
        if (near != null) {
            near.close();
        }
        port.close();
    }

    /// Whether the frame answers this process.
    private boolean isAnswer(EthernetFrame frame) throws FrameFormatException {
        if (frame.destination() != NetworkMap.SERVICE_MAC.bits()) {
            return false;
        }
        int own = Ipv4.bits(service);
        return switch (frame.type()) {
            case EthernetFrame.ARP -> {
                ArpPacket arp = ArpPacket.parse(frame);
                yield arp.operation() == ArpPacket.REPLY && arp.targetAddress() == own;
            }
            case EthernetFrame.IPV4 -> {
                Ipv4Packet packet = Ipv4Packet.parse(frame);
                yield packet.protocol() == Ipv4Packet.TCP && packet.destination() == own;
            }
            default -> false;
        };
    }

    private final class FromMachine implements Sink {
        private final Sink sink;

        FromMachine(Sink sink) {
            this.sink = sink;
        }

        @Override
        public void accept(ByteBuffer frame) {
            UserSpaceHost near = host;
            if (near != null) {
                byte[] copy = new byte[frame.remaining()];
                frame.get(frame.position(), copy);
                try {
                    if (isAnswer(EthernetFrame.parse(copy))) {
                        near.send(frame);
                        return;
                    }
                } catch (FrameFormatException malformed) {
                    // The switch refuses and counts it.
                }
            }
            sink.accept(frame);
        }

        @Override
        public void add(SuperFrame frame) {
            UserSpaceHost near = host;
            if (near == null || !isNear(frame)) {
                sink.add(frame);
                return;
            }
            byte[] one = new byte[frame.longest()];
            for (int i = 0; i < frame.count(); i++) {
                near.send(ByteBuffer.wrap(one, 0, frame.write(i, one, 0, true)));
            }
        }

        private boolean isNear(SuperFrame frame) {
            try {
                return isAnswer(frame.ethernet());
            } catch (FrameFormatException malformed) {
                return false; // the switch refuses and counts it
            }
        }

        @Override
        public void flush() {
            sink.flush();
        }
    }
}
