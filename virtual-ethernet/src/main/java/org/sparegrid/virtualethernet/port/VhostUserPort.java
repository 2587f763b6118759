// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.FrameJoiner;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.linux.EventCounter;
import org.sparegrid.virtualethernet.linux.FileWatch;
import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.VhostSocket;
import org.sparegrid.virtualethernet.vhost.CardFeatures;
import org.sparegrid.virtualethernet.vhost.VhostDevice;
import org.sparegrid.virtualethernet.vhost.VhostLine;

/// The card of a QEMU guest whose memory is shared with us: frames of up to 64 KB go straight
/// between it and the overlay, copied once.
///
/// `-chardev socket,id=c,path=PATH,server=on -netdev vhost-user,chardev=c`, with the guest's memory
/// in a sealed `memory-backend-memfd,share=on`. Dials QEMU's socket, and again whenever QEMU goes
/// away. A guest, or QEMU, that breaks the rules of the rings loses its port for good.
///
/// QEMU can make whoever reads or writes its event counters wait; so only the two threads of this
/// port do, one that takes what the guest sends and one that wakes the guest.
public final class VhostUserPort implements FramePort {
    private static final System.Logger LOG = System.getLogger(VhostUserPort.class.getName());

    private static final long REDIAL_MILLIS_MIN = 50;
    private static final long REDIAL_MILLIS_MAX = 200;

    /// Frames taken before the socket is looked at again.
    private static final int TURN_MAX = 256;

    /// Bytes taken before that; sealing and sending them takes a millisecond or two.
    private static final int TURN_BYTES_MAX = 1 << 20;

    /// Bytes that are as much work as any frame is by itself.
    private static final int UNIT_BYTES = 8192;

    /// The part of the processor's time for waking the guest; the rest is for what it sends.
    private static final double WAKING = 0.25;

    /// How long [#close] waits for threads that QEMU may hold up.
    private static final Duration END_MAX = Duration.ofSeconds(2);

    private static final int WAKER = 0;
    private static final int SOCKET = 1;
    private static final int KICK = 2;

    private final Path socket;
    private final ProcessorShare takerShare = new ProcessorShare();
    private final ProcessorShare callerShare = new ProcessorShare();
    private final byte[] taken = new byte[VhostDevice.LENGTH_MAX];
    private final SuperFrame frame = new SuperFrame();

    /// Guards what gives frames to the guest.
    private final Object sending = new Object();

    private final SuperFrame single = new SuperFrame();
    private final byte[] header = new byte[VhostDevice.HEADER_LENGTH];
    private final FrameJoiner joiner = new FrameJoiner(false);
    private final FrameJoiner joinerOfAll = new FrameJoiner(true);

    private volatile @Nullable Sink sink;
    private volatile @Nullable VhostDevice device;
    private volatile @Nullable EventCounter waker;
    private volatile @Nullable Thread taker;
    private volatile @Nullable Thread caller;
    private volatile boolean callIsDue;
    private int turnUnits;
    private volatile @Nullable String lost;
    private volatile boolean closed;

    /// Names the socket that QEMU listens at; nothing is opened yet.
    public VhostUserPort(Path socket) {
        this.socket = socket;
    }

    /// Why the guest has lost its port, if it broke the rules or this port is broken: nobody
    /// answers QEMU then.
    public Optional<String> lost() {
        return Optional.ofNullable(lost);
    }

    /// Whether QEMU is there now.
    public boolean isConnected() {
        return device != null;
    }

    /// Answers QEMU from now on, which starts no guest before that. What the guest sends is dropped
    /// until [#start].
    public synchronized void open() throws IOException {
        if (taker != null) {
            return;
        }
        EventCounter opened = EventCounter.create();
        waker = opened;
        String name = "sparegrid-vhost-" + socket.getFileName();
        caller = Thread.ofPlatform().name(name + "-call").daemon().start(this::callWhenDue);
        taker = Thread.ofPlatform().name(name).daemon().start(() -> run(opened));
    }

    @Override
    public void start(Sink taking) throws IOException {
        sink = taking;
        open();
    }

    /// Does nothing: the guest gets its address by DHCP.
    @Override
    public void configure(PortAddress address) {}

    @Override
    public boolean send(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        synchronized (sending) {
            try {
                boolean accepted = add(single.set(copy, 0, copy.length));
                flush();
                return accepted;
            } catch (FrameFormatException malformed) {
                return false;
            }
        }
    }

    /// Joins the frame with those of its flow that were added before, if the guest takes such. What
    /// there is no room for in the end is lost.
    @Override
    public boolean add(SuperFrame added) {
        VhostDevice open = device;
        if (open == null) {
            return false;
        }
        CardFeatures features = open.features();
        synchronized (sending) {
            if (!features.takesUnfinished()) {
                added.finish();
            }
            if (!features.takesDivided()) {
                return write(open, added);
            }
            FrameJoiner joined = features.takesDividedUdp() ? joinerOfAll : joiner;
            if (!joined.add(added)) {
                give(open, joined);
                return joined.add(added);
            }
            return true;
        }
    }

    @Override
    public void flush() {
        VhostDevice open = device;
        synchronized (sending) {
            if (open == null) {
                return;
            }
            give(open, joiner);
            give(open, joinerOfAll);
        }
        if (open.wantsCall()) {
            callIsDue = true;
            LockSupport.unpark(caller);
        }
    }

    private void give(VhostDevice open, FrameJoiner joined) {
        if (joined.isEmpty()) {
            return;
        }
        try {
            if (!write(open, joined.take())) {
                LOG.log(Level.DEBUG, () -> "guest has no room for a frame port=" + socket);
            }
        } catch (FrameFormatException impossible) {
            throw new IllegalStateException("joined frames are none", impossible);
        }
    }

    private boolean write(VhostDevice open, SuperFrame whole) {
        whole.writeHeader(header, 0);
        return open.write(header, whole.bytes(), whole.offset(), whole.length());
    }

    @Override
    public void limitProcessors(double ofOneProcessor) {
        takerShare.set(ofOneProcessor * (1 - WAKING));
        callerShare.set(ofOneProcessor * WAKING);
    }

    @Override
    public synchronized void close() {
        closed = true;
        EventCounter wake = waker;
        if (wake == null) {
            return;
        }
        try {
            wake.signal();
        } catch (IOException broken) {
            LOG.log(Level.WARNING, () -> "waking a port failed port=" + socket, broken);
        }
        LockSupport.unpark(caller);
        end(taker);
        end(caller);
    }

    private void end(@Nullable Thread thread) {
        if (thread == null || thread.equals(Thread.currentThread())) {
            return;
        }
        try {
            if (!thread.join(END_MAX)) {
                LOG.log(Level.WARNING, () -> "qemu holds a thread up thread=" + thread.getName());
            }
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(EventCounter wake) {
        FileWatch watch = new FileWatch(3);
        watch.watch(WAKER, wake);
        Turns turns = new Turns(wake);
        long pauseMillis = REDIAL_MILLIS_MIN;
        try {
            while (!closed) {
                if (talk(watch, turns)) {
                    pauseMillis = REDIAL_MILLIS_MIN;
                }
                watch.forget(SOCKET);
                watch.forget(KICK);
                watch.await((int) pauseMillis);
                pauseMillis = Math.min(2 * pauseMillis, REDIAL_MILLIS_MAX);
            }
        } catch (GuestFaultException broken) {
            lost = broken.getMessage();
            LOG.log(
                    Level.WARNING,
                    () -> "guest lost its port port=" + socket + " cause=" + broken.getMessage());
        } catch (IOException | RuntimeException broken) {
            lost = "the port broke: " + broken;
            LOG.log(Level.ERROR, () -> "port broke port=" + socket, broken);
        } finally {
            wake.close();
        }
    }

    /// Dials once and carries frames until the connection ends; false if there was none.
    private boolean talk(FileWatch watch, Turns turns) throws GuestFaultException {
        boolean connected = false;
        try (VhostSocket dialled = new VhostSocket(socket);
                VhostDevice opened = new VhostDevice();
                VhostLine line = new VhostLine(dialled, opened)) {
            connected = true;
            LOG.log(Level.DEBUG, () -> "qemu connected port=" + socket);
            device = opened;
            watch.watch(SOCKET, dialled);
            carry(line, opened, watch, turns);
        } catch (IOException gone) {
            boolean wasConnected = connected;
            LOG.log(
                    Level.DEBUG,
                    () -> "qemu not there port=" + socket + " connected=" + wasConnected,
                    gone);
        } finally {
            device = null;
        }
        return connected;
    }

    private void carry(VhostLine line, VhostDevice opened, FileWatch watch, Turns turns)
            throws IOException, GuestFaultException {
        boolean more = false;
        while (!closed) {
            watch.await(more ? 0 : -1);
            if (watch.isReady(SOCKET)) {
                if (!line.read()) {
                    return;
                }
                opened.kick()
                        .ifPresentOrElse(kick -> watch.watch(KICK, kick), () -> watch.forget(KICK));
            }
            if (watch.isReady(KICK)) {
                opened.clearKick();
            }
            more = take(opened);
            turns.end(turnUnits);
        }
    }

    /// Makes the taking thread pause that has used its part, however the guest or QEMU used it: by
    /// frames, by what is none, by kicks or by messages.
    private final class Turns {
        private final Pace pace = new Pace(takerShare);
        private final FileWatch end = new FileWatch(1);

        Turns(EventCounter wake) {
            end.watch(WAKER, wake);
        }

        void end(int units) throws IOException {
            long pauseNanos = pace.after(units);
            if (pauseNanos > 0) {
                end.await((int) (pauseNanos / 1_000_000 + 1));
            }
        }
    }

    /// Takes what the guest sends; true if it has more.
    private boolean take(VhostDevice opened) throws IOException, GuestFaultException {
        Sink taking = sink;
        opened.askForKicks(false);
        int count = 0;
        int length = 0;
        int bytes = 0;
        while (count < TURN_MAX && bytes < TURN_BYTES_MAX && length >= 0) {
            length = opened.read(taken);
            if (length > 0) {
                bytes += length;
                if (taking != null) {
                    pass(length, taking);
                }
            }
            if (length >= 0) {
                count++;
            }
        }
        turnUnits = 1 + count + bytes / UNIT_BYTES;
        if (count > 0) {
            opened.callForTaken();
            if (taking != null) {
                taking.flush();
            }
        }
        if (length >= 0) {
            return true;
        }
        opened.askForKicks(true);
        return opened.hasMore();
    }

    /// The header has two bytes at its end that mean nothing here; the rest is moved over them.
    private void pass(int length, Sink taking) {
        int skipped = VhostDevice.HEADER_LENGTH - SuperFrame.HEADER_LENGTH;
        System.arraycopy(taken, 0, taken, skipped, SuperFrame.HEADER_LENGTH);
        try {
            taking.add(frame.read(taken, skipped, length - skipped));
        } catch (FrameFormatException malformed) {
            LOG.log(Level.DEBUG, () -> "guest sent what is no frame port=" + socket, malformed);
        }
    }

    private void callWhenDue() {
        Pace pace = new Pace(callerShare);
        while (!closed && lost == null) {
            if (callIsDue) {
                callIsDue = false;
                call();
                pause(pace);
            } else {
                LockSupport.park(this);
            }
        }
    }

    /// Lets what the guest is to be told of pile up if telling it has cost too much.
    private void pause(Pace pace) {
        long pauseNanos;
        try {
            pauseNanos = pace.after(1);
        } catch (IOException broken) {
            throw new IllegalStateException("the thread's clock cannot be read", broken);
        }
        long end = System.nanoTime() + pauseNanos;
        for (long left = pauseNanos; left > 0 && !closed; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    private void call() {
        VhostDevice open = device;
        EventCounter wake = waker;
        try {
            if (open != null && !open.callForGiven() && wake != null) {
                wake.signal();
            }
        } catch (IOException broken) {
            LOG.log(Level.DEBUG, () -> "waking a guest failed port=" + socket, broken);
        }
    }
}
