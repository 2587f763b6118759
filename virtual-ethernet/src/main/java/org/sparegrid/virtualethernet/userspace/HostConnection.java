// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.userspace;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A connection's streams around its state machine, which the lock guards.
///
/// The streams never send: they wake the host's thread, which calls [#takeSegments].
final class HostConnection implements TcpConnection {
    /// How long a closed connection may take to end in order before it is reset.
    static final long CLOSING_NANOS_MAX = 60_000_000_000L;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicBoolean queued = new AtomicBoolean();
    private final TcpMachine machine;
    private final int peerAddress;
    private final Consumer<HostConnection> wakeHost;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private boolean closed;
    private boolean outputClosed;
    private long closingEndNanos = TcpMachine.NEVER;

    HostConnection(TcpMachine machine, int peerAddress, Consumer<HostConnection> wakeHost) {
        this.machine = machine;
        this.peerAddress = peerAddress;
        this.wakeHost = wakeHost;
    }

    int peerAddress() {
        return peerAddress;
    }

    /// Whether it was not yet queued for the host's thread; it is now.
    boolean enqueue() {
        return queued.compareAndSet(false, true);
    }

    /// The host's thread takes it from the queue.
    void dequeued() {
        queued.set(false);
    }

    /// Waits until the peer has answered.
    void awaitOpen(String peer, Duration timeout) throws IOException {
        lock.lock();
        try {
            long left = timeout.toNanos();
            while (machine.isOpening()) {
                if (left <= 0) {
                    machine.abort();
                    throw new SocketTimeoutException("connect to " + peer + ": no answer");
                }
                left = changed.awaitNanos(left);
            }
            switch (machine.failure()) {
                case NONE -> {}
                case REFUSED -> throw new ConnectException("connect to " + peer + ": refused");
                case TIMED_OUT ->
                        throw new SocketTimeoutException("connect to " + peer + ": no answer");
                case RESET, ABORTED ->
                        throw new ConnectException("connect to " + peer + ": host was closed");
            }
        } catch (InterruptedException interrupt) {
            machine.abort();
            throw interrupted(interrupt);
        } finally {
            lock.unlock();
            wakeHost.accept(this);
        }
    }

    void receive(TcpSegment segment, long nowNanos) {
        change(it -> it.receive(segment, nowNanos));
        if (isOrphanWithData()) {
            change(TcpMachine::abort);
        }
    }

    /// Data for a program that has closed the connection can only be refused.
    private boolean isOrphanWithData() {
        return test(it -> closed && it.availableBytes() > 0);
    }

    void tick(long nowNanos) {
        change(it -> {
            it.tick(nowNanos);
            if (closed && closingEndNanos == TcpMachine.NEVER) {
                closingEndNanos = nowNanos + CLOSING_NANOS_MAX;
            }
            if (nowNanos >= closingEndNanos && it.state() != TcpMachine.State.TIME_WAIT) {
                it.abort();
            }
        });
    }

    void abort() {
        change(TcpMachine::abort);
    }

    List<TcpSegment> takeSegments(long nowNanos) {
        lock.lock();
        try {
            return machine.takeSegments(nowNanos);
        } finally {
            lock.unlock();
        }
    }

    long deadlineNanos() {
        lock.lock();
        try {
            return machine.state() == TcpMachine.State.CLOSED
                    ? TcpMachine.NEVER
                    : Math.min(machine.deadlineNanos(), closingEndNanos);
        } finally {
            lock.unlock();
        }
    }

    boolean isEnded() {
        return test(it -> it.state() == TcpMachine.State.CLOSED);
    }

    /// Whether it only waits for late segments.
    boolean isLingering() {
        return test(it -> it.state() == TcpMachine.State.TIME_WAIT);
    }

    private void change(Consumer<TcpMachine> action) {
        lock.lock();
        try {
            action.accept(machine);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean test(Predicate<TcpMachine> question) {
        lock.lock();
        try {
            return question.test(machine);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public InputStream inputStream() {
        return input;
    }

    @Override
    public OutputStream outputStream() {
        return output;
    }

    @Override
    public void close() {
        change(it -> {
            if (closed) {
                return;
            }
            closed = true;
            outputClosed = true;
            if (it.availableBytes() > 0) {
                it.abort();
            } else {
                it.closeOutput();
            }
        });
        wakeHost.accept(this);
    }

    private void checkUsable() throws IOException {
        if (closed) {
            throw new SocketException("tcp: the connection is closed");
        }
        switch (machine.failure()) {
            case NONE -> {}
            case RESET, REFUSED -> throw new SocketException("tcp: the peer reset the connection");
            case TIMED_OUT -> throw new SocketTimeoutException("tcp: the peer does not answer");
            case ABORTED -> throw new SocketException("tcp: the host left the network");
        }
    }

    private static IOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = new InterruptedIOException("tcp: interrupted");
        failure.initCause(cause);
        return failure;
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            Objects.checkFromIndexSize(offset, count, into.length);
            if (count == 0) {
                return 0;
            }
            boolean windowGrew;
            int taken;
            lock.lock();
            try {
                while (machine.availableBytes() == 0 || closed) {
                    if (machine.isAtEnd() && !closed) {
                        return -1;
                    }
                    checkUsable();
                    changed.await();
                }
                taken = machine.read(into, offset, count);
                windowGrew = machine.isAcknowledgmentDue();
            } catch (InterruptedException interrupt) {
                throw interrupted(interrupt);
            } finally {
                lock.unlock();
            }
            if (windowGrew) {
                wakeHost.accept(HostConnection.this);
            }
            return taken;
        }

        @Override
        public int available() {
            lock.lock();
            try {
                return machine.availableBytes();
            } finally {
                lock.unlock();
            }
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int count) throws IOException {
            Objects.checkFromIndexSize(offset, count, from.length);
            int written = 0;
            while (written < count) {
                written += writeSome(from, offset + written, count - written);
                wakeHost.accept(HostConnection.this);
            }
        }

        private int writeSome(byte[] from, int offset, int count) throws IOException {
            lock.lock();
            try {
                while (true) {
                    checkUsable();
                    if (outputClosed) {
                        throw new SocketException("tcp: the output is closed");
                    }
                    if (machine.state() == TcpMachine.State.CLOSED) {
                        throw new SocketException("tcp: the connection has ended");
                    }
                    int taken = machine.write(from, offset, count);
                    if (taken > 0) {
                        return taken;
                    }
                    changed.await();
                }
            } catch (InterruptedException interrupt) {
                throw interrupted(interrupt);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            change(it -> {
                outputClosed = true;
                it.closeOutput();
            });
            wakeHost.accept(HostConnection.this);
        }
    }
}
