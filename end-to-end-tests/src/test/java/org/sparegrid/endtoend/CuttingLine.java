// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A line to the coordinator that passes every connection through unread and cuts it after a while,
/// as firewalls do that don't want any to last.
final class CuttingLine implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();
    private final int coordinatorPort;
    private final long lifeMillis;

    CuttingLine(int coordinatorPort, long lifeMillis) throws IOException {
        this.coordinatorPort = coordinatorPort;
        this.lifeMillis = lifeMillis;
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// How many it has had so far.
    int connections() {
        return connections.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                connections.incrementAndGet();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), coordinatorPort);
                Thread.startVirtualThread(() -> carry(near, far));
                Thread.startVirtualThread(() -> carry(far, near));
                Thread.startVirtualThread(() -> cut(near, far));
            } catch (IOException closing) {
                return;
            }
        }
    }

    private static void carry(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException cut) {
            // It is over, whoever ended it.
        }
    }

    private void cut(Socket near, Socket far) {
        try (near;
                far) {
            TimeUnit.MILLISECONDS.sleep(lifeMillis);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (IOException gone) {
            // It is what was to be reached.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
