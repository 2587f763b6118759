// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.SuperFrame;

/// The card of a QEMU guest: `-netdev stream,server=on,addr.type=unix,addr.path=PATH`.
///
/// Dials QEMU's socket and dials again, for as long as the port is open, whenever QEMU goes away.
/// Never waits for the guest: frames that it does not take are dropped.
public final class QemuStreamPort implements FramePort {
    private static final System.Logger LOG = System.getLogger(QemuStreamPort.class.getName());

    /// Bytes that wait for a guest that does not read; about 190 full frames.
    private static final int WAITING_BYTES_MAX = 256 * 1024;

    /// Bytes that are as much work as a look at the selector: a short frame or two.
    private static final int UNIT_BYTES = 128;

    private static final long REDIAL_MILLIS_MIN = 50;
    private static final long REDIAL_MILLIS_MAX = 1000;

    private final Path socket;
    private final ProcessorShare share = new ProcessorShare();
    private final Object lock = new Object();
    private final ByteBuffer waiting = ByteBuffer.allocate(WAITING_BYTES_MAX);
    private @Nullable SocketChannel channel;
    private @Nullable Selector selector;
    private @Nullable Thread thread;
    private boolean closed;

    /// Names the socket that QEMU listens at; nothing is opened yet.
    public QemuStreamPort(Path socket) {
        this.socket = socket;
    }

    @Override
    public void start(Sink sink) throws IOException {
        synchronized (lock) {
            Selector opened = Selector.open();
            selector = opened;
            thread =
                    Thread.ofPlatform()
                            .name("sparegrid-qemu-" + socket.getFileName())
                            .daemon()
                            .start(() -> run(opened, sink));
        }
    }

    /// Does nothing: the guest gets its address by DHCP.
    @Override
    public void configure(PortAddress address) {}

    @Override
    public boolean send(ByteBuffer frame) {
        boolean taken;
        synchronized (lock) {
            taken = enqueue(frame.slice());
        }
        flush();
        return taken;
    }

    @Override
    public boolean add(SuperFrame frame) {
        frame.finish();
        synchronized (lock) {
            return enqueue(ByteBuffer.wrap(frame.bytes(), frame.offset(), frame.length()));
        }
    }

    @Override
    public void flush() {
        synchronized (lock) {
            write();
        }
    }

    private boolean enqueue(ByteBuffer frame) {
        int length = frame.remaining();
        if (channel == null || length > StreamFraming.FRAME_MAX) {
            return false;
        }
        if (waiting.remaining() < StreamFraming.HEADER_LENGTH + length) {
            write();
        }
        if (waiting.remaining() < StreamFraming.HEADER_LENGTH + length) {
            return false;
        }
        waiting.putInt(length).put(frame);
        return true;
    }

    @Override
    public void limitProcessors(double ofOneProcessor) {
        share.set(ofOneProcessor);
    }

    @Override
    public void close() {
        Thread running;
        synchronized (lock) {
            closed = true;
            running = thread;
            if (selector != null) {
                selector.wakeup();
            }
        }
        if (running == null || running.equals(Thread.currentThread())) {
            return;
        }
        try {
            running.join();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Selector opened, Sink sink) {
        long pauseMillis = REDIAL_MILLIS_MIN;
        Pace pace = new Pace(share);
        try (opened) {
            while (!isClosed()) {
                if (talk(opened, sink, pace)) {
                    pauseMillis = REDIAL_MILLIS_MIN;
                }
                if (!isClosed()) {
                    opened.select(pauseMillis);
                    pauseMillis = Math.min(2 * pauseMillis, REDIAL_MILLIS_MAX);
                }
            }
        } catch (IOException broken) {
            LOG.log(Level.ERROR, "selector broke port=" + socket, broken);
        }
    }

    /// Dials once and carries frames until the connection ends; false if there was none, or it was
    /// not of QEMU's format.
    private boolean talk(Selector opened, Sink sink, Pace pace) {
        boolean connected = false;
        boolean wellFormed = true;
        try (SocketChannel dialled = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            dialled.connect(UnixDomainSocketAddress.of(socket));
            connected = true;
            LOG.log(Level.DEBUG, () -> "qemu connected port=" + socket);
            dialled.configureBlocking(false);
            dialled.register(opened, SelectionKey.OP_READ);
            begin(dialled);
            wellFormed = carry(dialled, opened, sink, pace);
        } catch (IOException gone) {
            boolean wasConnected = connected;
            LOG.log(
                    Level.DEBUG,
                    () -> "qemu not there port=" + socket + " connected=" + wasConnected,
                    gone);
        } finally {
            end();
        }
        return connected && wellFormed;
    }

    /// Carries frames until the connection ends; false if it had to be ended.
    private boolean carry(SocketChannel dialled, Selector opened, Sink sink, Pace pace)
            throws IOException {
        StreamFraming framing = new StreamFraming();
        while (!isClosed()) {
            opened.select();
            opened.selectedKeys().clear();
            flush();
            int count = dialled.read(framing.buffer());
            if (count < 0) {
                return true;
            }
            if (!framing.deliver(sink)) {
                LOG.log(Level.WARNING, () -> "qemu stream has a bad length port=" + socket);
                return false;
            }
            pause(pace.after(1 + count / UNIT_BYTES));
        }
        return true;
    }

    /// What the guest sends waits in its socket meanwhile.
    private void pause(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !isClosed(); left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    private void begin(SocketChannel dialled) {
        synchronized (lock) {
            channel = dialled;
            waiting.clear();
        }
    }

    private void end() {
        synchronized (lock) {
            channel = null;
        }
    }

    /// Writes what can be written at once and asks to be woken for the rest.
    private void write() {
        SocketChannel open = channel;
        Selector waker = selector;
        if (open == null || waker == null) {
            return;
        }
        if (waiting.position() == 0) {
            return;
        }
        try {
            waiting.flip();
            open.write(waiting);
        } catch (IOException gone) {
            // The reading thread sees the same and dials again.
            waiting.position(waiting.limit());
        } finally {
            waiting.compact();
        }
        SelectionKey key = open.keyFor(waker);
        if (key != null && key.isValid()) {
            int interest =
                    SelectionKey.OP_READ | (waiting.position() > 0 ? SelectionKey.OP_WRITE : 0);
            if (key.interestOps() != interest) {
                key.interestOps(interest);
                waker.wakeup();
            }
        }
    }

    private boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }
}
