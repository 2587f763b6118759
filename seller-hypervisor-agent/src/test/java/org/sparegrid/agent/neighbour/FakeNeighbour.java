// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.sparegrid.protocol.control.Neighbour;

/// A computer with a proper certificate that answers as the test says, and one that calls others.
final class FakeNeighbour implements AutoCloseable {
    final ExchangeKey key = ExchangeKey.make();
    final AtomicInteger asked = new AtomicInteger();
    private final SSLServerSocket server;

    /// What it does with a request.
    interface Manner {
        void answer(ChunkRequest request, OutputStream out) throws Exception;
    }

    FakeNeighbour(Manner manner) throws IOException {
        server =
                (SSLServerSocket)
                        key.context(_ -> true).getServerSocketFactory().createServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.startVirtualThread(() -> accept(manner));
    }

    Neighbour self(boolean whole) {
        return new Neighbour(key.digest(), List.of("127.0.0.1:" + server.getLocalPort()), whole);
    }

    private void accept(Manner manner) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.startVirtualThread(() -> serve(socket, manner));
            } catch (IOException closing) {
                return;
            }
        }
    }

    private void serve(Socket opened, Manner manner) {
        try (Socket socket = opened) {
            InputStream in = socket.getInputStream();
            byte[] bytes = in.readNBytes(ChunkRequest.LENGTH_BYTES);
            while (bytes.length > 0) {
                asked.incrementAndGet();
                manner.answer(ChunkRequest.parse(bytes), socket.getOutputStream());
                bytes = in.readNBytes(ChunkRequest.LENGTH_BYTES);
            }
        } catch (Exception leftAlone) {
            System.getLogger("test").log(System.Logger.Level.DEBUG, "left " + leftAlone);
        }
    }

    /// Calls a computer, showing this certificate.
    SSLSocket call(String endpoint) throws IOException {
        InetSocketAddress at = ExchangeAddresses.parse(endpoint);
        SSLSocket socket =
                (SSLSocket)
                        key.context(_ -> true)
                                .getSocketFactory()
                                .createSocket(at.getAddress(), at.getPort());
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return socket;
    }

    /// What came.
    ///
    /// @param kind that of the answer, or `hung up`
    record Answer(String kind, byte[] content) {}

    /// Asks for a chunk.
    Answer ask(SSLSocket socket, ChunkRequest request) throws IOException {
        return send(socket, request.toBytes());
    }

    Answer send(SSLSocket socket, byte[] request) throws IOException {
        try {
            socket.getOutputStream().write(request);
            byte[] bytes = socket.getInputStream().readNBytes(AnswerHead.LENGTH_BYTES);
            if (bytes.length == 0) {
                return new Answer("hung up", bytes);
            }
            AnswerHead head = AnswerHead.parse(bytes);
            return new Answer(
                    head.kind().name(), socket.getInputStream().readNBytes(head.lengthBytes()));
        } catch (SSLException | SocketException refused) {
            return new Answer("hung up", new byte[0]);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
