// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.portmapping;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// Questions to one port of the router, each asked again until something fitting is answered.
final class RouterSocket implements AutoCloseable {
    /// How often a question is asked, and how long the first answer is waited for; each later one
    /// twice as long. Source: RFC 6886, section 3.1, with fewer tries: a router that is there
    /// answers in milliseconds.
    private static final int TRIES = 4;

    private static final int FIRST_WAIT_MILLIS = 250;

    private final DatagramSocket socket;

    /// Reads an answer.
    interface Reader<T> {
        /// The answer, or a [WireFormatException] if it is none to the question.
        T read(byte[] message) throws WireFormatException, IOException;
    }

    /// A socket whose datagrams come from the router's `port` alone.
    RouterSocket(Router router, int port) throws IOException {
        socket = new DatagramSocket(new InetSocketAddress(router.own(), 0));
        socket.connect(new InetSocketAddress(router.address(), port));
    }

    /// Asks, and waits for an answer that `reader` takes.
    ///
    /// @throws IOException if there is none, or if the reader throws it
    <T> T ask(byte[] question, Reader<T> reader) throws IOException {
        byte[] buffer = new byte[PcpMessage.LENGTH_MAX + 1];
        for (int attempt = 0; attempt < TRIES; attempt++) {
            socket.send(new DatagramPacket(question, question.length));
            long endNanos = System.nanoTime() + ((long) FIRST_WAIT_MILLIS << attempt) * 1_000_000L;
            while (true) {
                long leftMillis = (endNanos - System.nanoTime()) / 1_000_000L;
                if (leftMillis <= 0) {
                    break;
                }
                socket.setSoTimeout((int) leftMillis);
                DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
                try {
                    socket.receive(answer);
                    return reader.read(Arrays.copyOf(buffer, answer.getLength()));
                } catch (SocketTimeoutException nothing) {
                    break;
                } catch (PortUnreachableException closed) {
                    throw new IOException("the router's port is closed", closed);
                } catch (WireFormatException notOurs) {
                    // A late answer to an earlier question, or none at all; wait on.
                }
            }
        }
        throw new IOException("the router does not answer");
    }

    @Override
    public void close() {
        socket.close();
    }
}
