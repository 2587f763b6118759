// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/// A UDP socket. One thread receives; any thread sends.
interface DatagramCarrier {
    /// The bound port.
    int port();

    /// Waits for datagrams of one sender; 0 if it waited in vain.
    int receive(byte[] into) throws IOException;

    /// Bytes of each of them, the last one maybe shorter.
    int segment();

    /// Who sent them.
    InetSocketAddress from();

    /// Sends datagrams of `segmentBytes`, the last one maybe shorter; how many the network took.
    int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to);

    /// Sends one datagram that nobody may divide; false if the network did not take it.
    boolean sendWhole(byte[] datagram, InetSocketAddress to);

    /// Sends one IPv4 datagram that so many routers may touch; empty if it cannot by itself.
    Optional<Boolean> sendNear(byte[] datagram, InetSocketAddress to, int hops);

    /// Whether other sockets of this user may bind to the port as well.
    void share(boolean shared) throws IOException;

    /// Lets the receiving thread come back, and nothing more be sent.
    void shut();

    /// Gives the port back, once the receiving thread has come back.
    void close() throws IOException;
}
