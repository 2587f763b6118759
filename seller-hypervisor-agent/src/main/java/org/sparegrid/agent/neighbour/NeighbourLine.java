// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.neighbour;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.control.Neighbour;

/// Asks one neighbour for the chunks of one image. Nothing that it gives is trusted, and no wait
/// for it is longer than the caller says. Any thread may call.
final class NeighbourLine implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NeighbourLine.class.getName());

    /// Questions at once; each takes a connection.
    static final int CONNECTIONS_MAX = 4;

    /// Neighbours are milliseconds away.
    private static final int CONNECT_MILLIS_MAX = 1000;

    private static final int HANDSHAKE_MILLIS_MAX = 2000;

    /// Who couldn't be reached is tried again after so long: he may not have been told of us yet.
    private static final long RETRY_NANOS_FIRST = 250_000_000L;

    /// Each time after twice as long, and at most so long.
    private static final long RETRY_NANOS_MAX = 30_000_000_000L;

    private final String certificate;
    private final SSLContext tls;
    private final LongSupplier nanoClock;
    private final Semaphore turns = new Semaphore(CONNECTIONS_MAX);
    private final Deque<SSLSocket> idle = new ArrayDeque<>();
    private final Standing standing = new Standing();
    private volatile Neighbour neighbour;
    private boolean reached;
    private boolean closed;
    private boolean toldLeft;
    private long dialAgainNanos;
    private long retryNanos = RETRY_NANOS_FIRST;

    NeighbourLine(Neighbour neighbour, ExchangeKey key, LongSupplier nanoClock) {
        this.neighbour = neighbour;
        this.certificate = neighbour.certificate();
        this.tls = key.context(certificate::equals);
        this.nanoClock = nanoClock;
        this.dialAgainNanos = nanoClock.getAsLong();
    }

    /// What the coordinator says of it now.
    void update(Neighbour now) {
        neighbour = now;
    }

    String certificate() {
        return certificate;
    }

    boolean isWhole() {
        return neighbour.whole();
    }

    /// Whether it may be asked; who hasn't been reached lately is dialled meanwhile.
    synchronized boolean isUsable() {
        if (closed || standing.left().isPresent()) {
            return false;
        }
        long now = nanoClock.getAsLong();
        if (!reached && now - dialAgainNanos >= 0) {
            dialAgainNanos = now + RETRY_NANOS_MAX;
            Thread.ofVirtual().name("neighbour-dial").start(this::dial);
        }
        return reached;
    }

    /// The same, the first time.
    synchronized Optional<String> newlyLeft() {
        Optional<String> why = toldLeft ? Optional.empty() : standing.left();
        toldLeft |= why.isPresent();
        return why;
    }

    /// Why it isn't asked any more, if it isn't.
    synchronized Optional<String> left() {
        return standing.left();
    }

    /// Asks for a chunk.
    ///
    /// @param request for that chunk
    /// @param boundNanos how long that may take in all
    /// @return the chunk, checked; nothing if it can't be had from there in time
    Optional<ByteBuffer> ask(ChunkRequest request, ChunkReference chunk, long boundNanos) {
        long until = nanoClock.getAsLong() + boundNanos;
        try {
            if (!turns.tryAcquire(boundNanos, TimeUnit.NANOSECONDS)) {
                return Optional.empty();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        try {
            return ask(takeIdle(), request, chunk, until);
        } catch (ExchangeFormatException wrong) {
            wrong(String.valueOf(wrong.getMessage()));
        } catch (IOException failed) {
            failed(failed);
        } finally {
            turns.release();
        }
        return Optional.empty();
    }

    private Optional<ByteBuffer> ask(
            @Nullable SSLSocket kept, ChunkRequest request, ChunkReference chunk, long untilNanos)
            throws IOException {
        if (kept != null) {
            try {
                return exchange(kept, request, chunk, untilNanos);
            } catch (SocketTimeoutException | ExchangeFormatException itsFault) {
                throw itsFault;
            } catch (IOException brokenOff) {
                LOG.log(
                        System.Logger.Level.DEBUG,
                        () -> "a connection that rested is gone cause=" + brokenOff);
            }
        }
        return exchange(dial(untilNanos), request, chunk, untilNanos);
    }

    /// A guest waited for it, with or without success.
    synchronized void waited(long tookNanos, long usualNanos) {
        standing.waited(tookNanos, usualNanos);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            idle.forEach(NeighbourLine::shut);
            idle.clear();
        }
    }

    private Optional<ByteBuffer> exchange(
            SSLSocket socket, ChunkRequest request, ChunkReference chunk, long untilNanos)
            throws IOException {
        boolean again = false;
        try {
            socket.getOutputStream().write(request.toBytes());
            AnswerHead head = AnswerHead.parse(read(socket, AnswerHead.LENGTH_BYTES, untilNanos));
            Optional<ByteBuffer> content = Optional.empty();
            if (head.kind() == AnswerHead.Kind.HERE) {
                content = Optional.of(content(socket, head, chunk, untilNanos));
            }
            again = true;
            answered(content.isPresent(), request.waitMillis() > 0);
            return content;
        } finally {
            giveBack(socket, again);
        }
    }

    private ByteBuffer content(
            SSLSocket socket, AnswerHead head, ChunkReference chunk, long untilNanos)
            throws IOException {
        if (head.lengthBytes() != chunk.lengthBytes()) {
            throw new ExchangeFormatException(
                    "chunk answer: expected "
                            + chunk.lengthBytes()
                            + " bytes of chunk "
                            + chunk.digest()
                            + ", got "
                            + head.lengthBytes());
        }
        ByteBuffer content = ByteBuffer.wrap(read(socket, head.lengthBytes(), untilNanos));
        if (!Sha256Digest.ofContent(content).equals(chunk.digest())) {
            throw new ExchangeFormatException(
                    "it gave something else than chunk " + chunk.digest());
        }
        return content;
    }

    private byte[] read(SSLSocket socket, int lengthBytes, long untilNanos) throws IOException {
        byte[] bytes = new byte[lengthBytes];
        InputStream in = socket.getInputStream();
        int have = 0;
        while (have < lengthBytes) {
            socket.setSoTimeout(millisLeft(untilNanos));
            have += read(in, bytes, have);
        }
        return bytes;
    }

    private static int read(InputStream in, byte[] bytes, int from) throws IOException {
        int read;
        try {
            read = in.read(bytes, from, bytes.length - from);
        } catch (SocketTimeoutException _) {
            throw late();
        }
        if (read < 0) {
            throw new IOException("it hung up");
        }
        return read;
    }

    private static SocketTimeoutException late() {
        return new SocketTimeoutException("it took too long");
    }

    private int millisLeft(long untilNanos) throws SocketTimeoutException {
        long left = (untilNanos - nanoClock.getAsLong()) / 1_000_000;
        if (left <= 0) {
            throw late();
        }
        return (int) Math.min(Integer.MAX_VALUE, left);
    }

    private void dial() {
        try {
            giveBack(
                    dial(
                            nanoClock.getAsLong()
                                    + 1_000_000L * (CONNECT_MILLIS_MAX + HANDSHAKE_MILLIS_MAX)),
                    true);
        } catch (IOException nobody) {
            unreached();
        }
    }

    private SSLSocket dial(long untilNanos) throws IOException {
        IOException last = new IOException("it has no address");
        for (String endpoint : neighbour.endpoints()) {
            try {
                return dial(ExchangeAddresses.parse(endpoint), untilNanos);
            } catch (IOException | IllegalArgumentException failed) {
                last = new IOException("it can't be reached: " + failed.getMessage(), failed);
            }
        }
        unreached();
        throw last;
    }

    private SSLSocket dial(InetSocketAddress at, long untilNanos) throws IOException {
        Socket plain = new Socket();
        try {
            plain.connect(at, Math.min(CONNECT_MILLIS_MAX, millisLeft(untilNanos)));
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(Math.min(HANDSHAKE_MILLIS_MAX, millisLeft(untilNanos)));
            SSLSocket socket =
                    (SSLSocket)
                            tls.getSocketFactory()
                                    .createSocket(
                                            plain,
                                            at.getAddress().getHostAddress(),
                                            at.getPort(),
                                            true);
            socket.setEnabledProtocols(new String[] {"TLSv1.3"});
            socket.startHandshake();
            synchronized (this) {
                reached = true;
                retryNanos = RETRY_NANOS_FIRST;
            }
            return socket;
        } catch (IOException failed) {
            shut(plain);
            throw failed;
        }
    }

    private synchronized void unreached() {
        reached = false;
        dialAgainNanos = nanoClock.getAsLong() + retryNanos;
        retryNanos = Math.min(RETRY_NANOS_MAX, 2 * retryNanos);
    }

    private synchronized @Nullable SSLSocket takeIdle() {
        return idle.pollLast();
    }

    private synchronized void giveBack(SSLSocket socket, boolean again) {
        if (again && !closed && idle.size() < CONNECTIONS_MAX) {
            idle.addLast(socket);
        } else {
            shut(socket);
        }
    }

    private synchronized void answered(boolean here, boolean due) {
        if (here) {
            standing.gave();
        } else {
            standing.refused(due);
        }
    }

    private synchronized void failed(IOException why) {
        if (!closed && !Thread.currentThread().isInterrupted()) {
            standing.failed(String.valueOf(why.getMessage()));
        }
    }

    private synchronized void wrong(String what) {
        standing.wrong(what);
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not closed cause=" + alreadyGone);
        }
    }
}
