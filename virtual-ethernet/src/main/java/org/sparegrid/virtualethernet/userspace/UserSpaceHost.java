// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.sparegrid.virtualethernet.port.FramePort;
import org.sparegrid.virtualethernet.port.PortAddress;

/// A small host inside this process, for those who may not make network devices.
///
/// It speaks ARP, IPv4, ICMP echo and TCP as a client.
@SuppressWarnings("DoNotCallSuggester") // the bodies follow in the next commits
public final class UserSpaceHost implements FramePort {
    /// A host without an address; its attachment gives it one.
    public UserSpaceHost() {}

    /// Connects to a machine of the network and waits until it answers.
    ///
    /// @throws java.net.ConnectException if the machine refuses
    /// @throws java.net.SocketTimeoutException if nothing answers within `timeout`
    /// @throws IOException if the host has no address yet, or is closed
    public TcpConnection connect(InetSocketAddress peer, Duration timeout) throws IOException {
        throw new UnsupportedOperationException("not built yet: " + peer + timeout);
    }

    @Override
    public void start(Sink sink) {}

    @Override
    public void configure(PortAddress address) {}

    @Override
    public boolean send(ByteBuffer frame) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void close() {}
}
