// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.hypervisor.libvirt;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.sparegrid.agent.process.Tool;

/// How a guest's state comes out of QEMU and goes back in, so that it lies on no disk in between.
final class StateStream {
    private static final System.Logger LOG = System.getLogger(StateStream.class.getName());

    /// How long a guest stands still for it at most.
    private static final Duration SAVE_MAX = Duration.ofSeconds(60);

    private static final Duration TOOL_MAX = Duration.ofSeconds(10);
    private static final int BUFFER_BYTES = 1 << 18;

    private StateStream() {}

    /// Something that may fail.
    interface Step {
        void run() throws IOException;
    }

    /// Listens at `socket`, has QEMU told by `begin` to send its state there, and passes it on.
    static void receive(Path socket, Step begin, OutputStream out) throws IOException {
        Files.deleteIfExists(socket);
        long end = System.nanoTime() + SAVE_MAX.toNanos();
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            server.bind(UnixDomainSocketAddress.of(socket));
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            begin.run();
            await(selector, end);
            try (SocketChannel from = server.accept()) {
                if (from == null) {
                    throw new IOException("QEMU did not send its state");
                }
                pass(from, out, end);
            }
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private static void pass(SocketChannel from, OutputStream out, long end) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        from.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            from.register(selector, SelectionKey.OP_READ);
            while (true) {
                await(selector, end);
                if (from.read(buffer.clear()) < 0) {
                    return;
                }
                out.write(buffer.array(), 0, buffer.position());
            }
        }
    }

    private static void await(Selector selector, long end) throws IOException {
        long leftMillis = (end - System.nanoTime()) / 1_000_000;
        if (leftMillis <= 0 || selector.select(leftMillis) == 0) {
            throw new IOException(
                    "the guest's state was not saved within " + SAVE_MAX.toSeconds() + " s");
        }
        selector.selectedKeys().clear();
    }

    /// Makes a pipe at `pipe`, has it read by `begin`, and writes `head` and `in` into it.
    static void send(Path pipe, byte[] head, InputStream in, Step begin) throws IOException {
        Files.deleteIfExists(pipe);
        make(pipe);
        FutureTask<Long> writing =
                new FutureTask<>(() -> {
                    // Not made here: it would be a file with all of the state.
                    try (OutputStream out =
                            Files.newOutputStream(
                                    pipe, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                        out.write(head);
                        return in.transferTo(out);
                    }
                });
        Thread.ofPlatform().name("restore").start(writing);
        try {
            begin.run();
        } finally {
            // Opened for both, a pipe never waits: it wakes a writer that nobody reads from, who
            // finds no pipe if he comes later.
            try (FileChannel _ =
                    FileChannel.open(
                            pipe,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(pipe);
            }
        }
        awaitEnd(writing);
    }

    private static void awaitEnd(FutureTask<Long> writing) throws IOException {
        try {
            long bytes = writing.get();
            LOG.log(System.Logger.Level.DEBUG, () -> "guest's state was read bytes=" + bytes);
        } catch (ExecutionException broken) {
            throw new IOException("the guest's state was not read to its end", broken.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a guest was restored", stop);
        }
    }

    private static void make(Path pipe) throws IOException {
        try {
            Tool.Answer made = Tool.run(TOOL_MAX, "mkfifo", "-m", "600", pipe.toString());
            if (made.exitCode() != 0) {
                throw new IOException("mkfifo: " + made.output().strip());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a guest was restored", stop);
        }
    }
}
