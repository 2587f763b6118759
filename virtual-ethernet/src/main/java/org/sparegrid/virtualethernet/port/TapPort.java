// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.frame.FrameFormatException;
import org.sparegrid.virtualethernet.frame.FrameJoiner;
import org.sparegrid.virtualethernet.frame.SuperFrame;
import org.sparegrid.virtualethernet.linux.TapDevice;

/// A Linux TAP device, which puts this computer itself on the shared Ethernet. Needs root.
public final class TapPort implements FramePort {
    private static final System.Logger LOG = System.getLogger(TapPort.class.getName());

    /// How soon the reading thread notices that the port was closed.
    private static final int WAKE_MILLIS = 100;

    private final String name;
    private final boolean offloads;
    private final LinkSetup setup;
    private final Object sending = new Object();
    private final SuperFrame single = new SuperFrame();
    private @Nullable FrameJoiner joiner;
    private volatile @Nullable TapDevice device;
    private @Nullable Thread reader;
    private @Nullable PortAddress configured;
    private volatile boolean closed;

    /// Names the device, at most 15 characters; it is made by `start` and removed by `close`.
    public TapPort(String name) {
        this(name, true);
    }

    /// Names the device.
    ///
    /// @param offloads whether to exchange frames of up to 64 KB with the kernel if it can
    public TapPort(String name, boolean offloads) {
        this(name, offloads, LinkSetup.ofHost());
    }

    /// Names the device.
    ///
    /// @param setup what is done with it when it is told its address
    public TapPort(String name, boolean offloads, LinkSetup setup) {
        this.name = name;
        this.offloads = offloads;
        this.setup = setup;
    }

    /// The name of the device.
    public String name() {
        return name;
    }

    @Override
    public synchronized void start(Sink sink) throws IOException {
        TapDevice opened = new TapDevice(name, offloads);
        synchronized (sending) {
            joiner = opened.hasOffloads() ? new FrameJoiner(opened.hasUdpOffloads()) : null;
        }
        device = opened;
        reader =
                Thread.ofPlatform()
                        .name("sparegrid-tap-" + name)
                        .daemon()
                        .start(() -> read(opened, sink));
    }

    /// Turns the device on as its setup says; an address it has already changes nothing.
    @Override
    public synchronized void configure(PortAddress address) throws IOException {
        if (address.equals(configured)) {
            return;
        }
        setup.configure(name, address);
        configured = address;
    }

    @Override
    public boolean send(ByteBuffer frame) {
        byte[] copy = new byte[frame.remaining()];
        frame.get(frame.position(), copy);
        synchronized (sending) {
            try {
                boolean taken = add(single.set(copy, 0, copy.length));
                flush();
                return taken;
            } catch (FrameFormatException malformed) {
                return false;
            }
        }
    }

    /// Joins the frame with those of its flow that were added before. With offloads, what the
    /// device refuses in the end, as when it is down, is lost as on a cable that is not plugged in.
    @Override
    public boolean add(SuperFrame frame) {
        TapDevice open = device;
        if (open == null) {
            return false;
        }
        synchronized (sending) {
            FrameJoiner joined = joiner;
            if (joined == null) {
                frame.finish();
                return open.write(frame.bytes(), frame.offset(), frame.length());
            }
            if (!joined.add(frame)) {
                flush();
                return joined.add(frame);
            }
            return true;
        }
    }

    @Override
    public void flush() {
        TapDevice open = device;
        synchronized (sending) {
            FrameJoiner joined = joiner;
            if (open == null || joined == null || joined.isEmpty()) {
                return;
            }
            try {
                SuperFrame whole = joined.take();
                int at = whole.offset() - SuperFrame.HEADER_LENGTH;
                whole.writeHeader(whole.bytes(), at);
                int length = SuperFrame.HEADER_LENGTH + whole.length();
                if (!open.write(whole.bytes(), at, length)) {
                    LOG.log(Level.DEBUG, () -> "tap device refused a frame device=" + name);
                }
            } catch (FrameFormatException impossible) {
                throw new IllegalStateException("joined frames are none", impossible);
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (reader != null) {
            boolean interrupted = joinUninterruptibly(reader);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (device != null) {
            device.close();
        }
    }

    /// Takes all that is there before it waits, so that what belongs together is sent together.
    private void read(TapDevice opened, Sink sink) {
        byte[] buffer = new byte[TapDevice.LENGTH_MAX];
        SuperFrame frame = new SuperFrame();
        try {
            while (!closed) {
                int length = opened.read(buffer);
                if (length > 0) {
                    take(opened, frame, buffer, length, sink);
                } else {
                    sink.flush();
                    opened.await(WAKE_MILLIS);
                }
            }
        } catch (IOException broken) {
            LOG.log(Level.ERROR, "tap device broke device=" + name, broken);
        }
    }

    private void take(TapDevice opened, SuperFrame frame, byte[] buffer, int length, Sink sink) {
        try {
            sink.add(
                    opened.hasOffloads()
                            ? frame.read(buffer, 0, length)
                            : frame.set(buffer, 0, length));
        } catch (FrameFormatException malformed) {
            LOG.log(Level.DEBUG, () -> "kernel sent what is no frame device=" + name, malformed);
        }
    }

    private static boolean joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException interrupt) {
                interrupted = true;
            }
        }
    }
}
