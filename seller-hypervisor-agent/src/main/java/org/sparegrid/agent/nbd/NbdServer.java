// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;

/// Serves one export on a Unix socket, to QEMU and to nobody else: the socket's folder is our own.
///
/// A client is not trusted: it may be a QEMU that its guest took over. It can read the export and
/// nothing more, and takes a bounded part of our memory.
public final class NbdServer implements AutoCloseable {
    /// The name by which the export is asked for.
    public static final String EXPORT = "disc";

    private static final System.Logger LOG = System.getLogger(NbdServer.class.getName());

    /// One for each guest of an image, and as many that are about to be noticed as dead.
    private static final int CONNECTIONS_MAX = 16;

    /// Reads that one client may have waiting; with [Nbd#READ_BYTES_MAX] this is 4 MiB of memory.
    private static final int READS_MAX = 8;

    private final Path socket;
    private final NbdExport export;
    private final ServerSocketChannel listening;
    private final Set<SocketChannel> clients = new HashSet<>();
    private boolean closed;

    private NbdServer(Path socket, NbdExport export, ServerSocketChannel listening) {
        this.socket = socket;
        this.export = export;
        this.listening = listening;
    }

    /// Begins to serve at `socket`; one that an earlier run of this program left there is replaced,
    /// and its clients come back by themselves.
    public static NbdServer open(Path socket, NbdExport export) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listening.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException | RuntimeException failed) {
            listening.close();
            throw failed;
        }
        NbdServer server = new NbdServer(socket, export, listening);
        Thread.ofVirtual().name("nbd-accept").start(server::accept);
        return server;
    }

    /// Stops serving; the clients that are there find their connection cut.
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            listening.close();
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listening.accept();
                if (enter(client)) {
                    Thread.ofVirtual().name("nbd-client").start(() -> serve(client));
                } else {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            () -> "nbd client refused socket=" + socket);
                    client.close();
                }
            }
        } catch (ClosedChannelException over) {
            LOG.log(System.Logger.Level.DEBUG, () -> "nbd server closed socket=" + socket);
        } catch (IOException broken) {
            LOG.log(System.Logger.Level.ERROR, () -> "nbd server broken socket=" + socket, broken);
        }
    }

    private synchronized boolean enter(SocketChannel client) {
        return !closed && clients.size() < CONNECTIONS_MAX && clients.add(client);
    }

    private synchronized void leave(SocketChannel client) {
        clients.remove(client);
    }

    private void serve(SocketChannel client) {
        Semaphore reads = new Semaphore(READS_MAX);
        try (client) {
            Line line = new Line(client);
            if (new Handshake(line, EXPORT, export.sizeBytes()).talk()) {
                answer(line, reads);
            }
        } catch (EOFException | ClosedChannelException gone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "nbd client gone cause=" + gone);
        } catch (IOException bad) {
            LOG.log(System.Logger.Level.WARNING, () -> "nbd client dropped cause=" + bad);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            // Its place is free once its reads are: who comes and goes can't gather more of them.
            reads.acquireUninterruptibly(READS_MAX);
            leave(client);
        }
    }

    /// Takes requests until the client goes. A slow read holds up no other.
    private void answer(Line line, Semaphore reads) throws IOException, InterruptedException {
        while (true) {
            Nbd.Request request = Nbd.Request.parse(line.read(Nbd.REQUEST_BYTES));
            switch (request.type()) {
                case Nbd.READ -> {
                    reads.acquire();
                    Thread.ofVirtual()
                            .name("nbd-read")
                            .start(() -> {
                                read(line, request);
                                reads.release();
                            });
                }
                case Nbd.DISCONNECT -> {
                    return;
                }
                case Nbd.WRITE -> {
                    // Its data would follow; nobody writes to what is read-only but by ill will.
                    reply(line, request, Nbd.NOT_PERMITTED);
                    throw new NbdFormatException("nbd: expected no write, got one");
                }
                default -> reply(line, request, Nbd.BAD_ARGUMENT);
            }
        }
    }

    private void read(Line line, Nbd.Request request) {
        try {
            if (!request.isWithin(export.sizeBytes())) {
                reply(line, request, Nbd.BAD_ARGUMENT);
                return;
            }
            ByteBuffer reply = ByteBuffer.allocate(16 + (int) request.lengthBytes());
            reply.putInt(Nbd.REPLY).putInt(Nbd.NO_ERROR).putLong(request.handle());
            try {
                export.read(reply, request.offsetBytes());
            } catch (IOException failed) {
                LOG.log(System.Logger.Level.WARNING, () -> "disc not read cause=" + failed);
                reply(line, request, Nbd.IO_ERROR);
                return;
            }
            line.write(reply);
        } catch (IOException gone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "nbd reply not sent cause=" + gone);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void reply(Line line, Nbd.Request request, int error) throws IOException {
        line.write(
                ByteBuffer.allocate(16).putInt(Nbd.REPLY).putInt(error).putLong(request.handle()));
    }
}
