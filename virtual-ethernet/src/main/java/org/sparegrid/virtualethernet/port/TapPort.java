// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.linux.TapDevice;

/// A Linux TAP device, which puts this computer itself on the shared Ethernet. Needs root.
public final class TapPort implements FramePort {
    private static final System.Logger LOG = System.getLogger(TapPort.class.getName());

    /// How soon the reading thread notices that the port was closed.
    private static final int WAKE_MILLIS = 100;

    private static final int COMMAND_SECONDS_MAX = 10;

    private final String name;
    private volatile @Nullable TapDevice device;
    private @Nullable Thread reader;
    private @Nullable PortAddress configured;
    private volatile boolean closed;

    /// Names the device, at most 15 characters; it is made by `start` and removed by `close`.
    public TapPort(String name) {
        this.name = name;
    }

    /// The name of the device.
    public String name() {
        return name;
    }

    @Override
    public synchronized void start(Sink sink) throws IOException {
        TapDevice opened = new TapDevice(name);
        device = opened;
        reader =
                Thread.ofPlatform()
                        .name("sparegrid-tap-" + name)
                        .daemon()
                        .start(() -> read(opened, sink));
    }

    /// Sets MAC address, MTU and IPv4 address and turns the device on.
    @Override
    public synchronized void configure(PortAddress address) throws IOException {
        if (address.equals(configured)) {
            return;
        }
        ip("link", "set", "dev", name, "down");
        ip("link", "set", "dev", name, "address", address.mac().toString());
        ip("link", "set", "dev", name, "mtu", Integer.toString(address.mtu()));
        ip("addr", "flush", "dev", name);
        ip(
                "addr",
                "add",
                address.address().getHostAddress() + "/" + address.subnet().prefixLength(),
                "dev",
                name);
        ip("link", "set", "dev", name, "up");
        configured = address;
    }

    @Override
    public boolean send(ByteBuffer frame) {
        TapDevice open = device;
        return open != null && open.write(frame);
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

    private void read(TapDevice opened, Sink sink) {
        try {
            while (!closed) {
                ByteBuffer frame = opened.read(WAKE_MILLIS);
                if (frame.hasRemaining()) {
                    sink.accept(frame);
                }
            }
        } catch (IOException broken) {
            LOG.log(Level.ERROR, "tap device broke device=" + name, broken);
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

    private static void ip(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + ": no end within 10 s");
            }
        } catch (InterruptedException interrupt) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(String.join(" ", command) + ": interrupted", interrupt);
        }
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", command) + ": exit " + process.exitValue() + ": " + output);
        }
    }
}
