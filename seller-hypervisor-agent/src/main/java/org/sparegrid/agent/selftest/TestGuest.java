// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selftest;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.hypervisor.Disc;
import org.sparegrid.agent.hypervisor.GuestCard;
import org.sparegrid.agent.hypervisor.Hypervisor;
import org.sparegrid.agent.hypervisor.VmHandle;
import org.sparegrid.agent.hypervisor.VmSpec;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.protocol.market.Acceleration;
import org.sparegrid.protocol.market.MachineSize;
import org.sparegrid.virtualethernet.port.FramePort;

/// A guest of our own, on the same virtual hardware as a buyer's. It does what lines on its console
/// tell it, and its frames of Ethernet type 88b5 are answered from here. One thread at a time.
public final class TestGuest implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TestGuest.class.getName());

    /// Destination, source and type.
    private static final int HEADER_BYTES = 14;

    private static final int ADDRESS_BYTES = 6;

    /// Longer frames are load, which nobody answers.
    private static final int ANSWERED_BYTES_MAX = 100;

    /// More lines than the guest says unasked.
    private static final int LINES_MAX = 100;

    private static final int LINE_BYTES_MAX = 1000;

    private final VmHandle handle;
    private final SocketChannel console;
    private @Nullable FramePort card;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(LINES_MAX);
    private final AtomicLong receivedBytes = new AtomicLong();

    private TestGuest(VmHandle handle) throws IOException {
        this.handle = handle;
        this.console = dial(handle.serialSocket());
        Thread.ofVirtual().name("test-console").start(this::listen);
    }

    /// Makes the guest, halted.
    ///
    /// @param disks where guests' disks are; the test's disc is put there
    public static TestGuest launch(
            Hypervisor hypervisor,
            String name,
            MachineSize size,
            Acceleration acceleration,
            GuestCard card,
            Path disks)
            throws IOException {
        hypervisor.purge(name);
        AtomicFile.privateFolder(disks);
        AtomicFile.privateFolder(disks.resolve(name));
        Path disc = disks.resolve(name).resolve("test.iso");
        AtomicFile.write(disc, TestDisc.bytes());
        VmHandle handle =
                hypervisor.launch(
                        new VmSpec(
                                name,
                                size,
                                acceleration,
                                List.of(new Disc.File(disc)),
                                "02:00:00:00:00:00",
                                1370,
                                List.of(),
                                List.of(),
                                card,
                                BootMode.BIOS));
        try {
            return new TestGuest(handle);
        } catch (IOException deaf) {
            handle.remove();
            throw deaf;
        }
    }

    /// Connects to the guest's card and answers its frames from now on.
    void answerFrames() throws IOException {
        FramePort open = handle.card();
        card = open;
        open.start(frame -> answer(open, frame));
    }

    /// The guest itself.
    public VmHandle handle() {
        return handle;
    }

    /// Waits for a line that begins with `word`, and returns what follows it.
    ///
    /// @throws IOException if none came in time
    public String await(String word, Duration most) throws IOException {
        long end = System.nanoTime() + most.toNanos();
        try {
            while (true) {
                String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null) {
                    throw new IOException("no answer after " + most.toSeconds() + " s");
                }
                if (line.startsWith(word)) {
                    return line.substring(word.length()).strip();
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the guest was tested");
        }
    }

    /// Has the guest do something and returns its answer, without the command.
    String ask(String command, Duration most) throws IOException {
        lines.clear();
        send(command);
        return await(command, most);
    }

    /// Has the guest load something until [#end].
    ///
    /// @param kind burn, fill, write, read or send
    public void begin(String kind) throws IOException {
        lines.clear();
        send(kind);
        await("began", Duration.ofSeconds(30));
    }

    /// Ends the load and returns how much the guest did: bytes, or turns for burn.
    public long end() throws IOException {
        send("");
        return Long.parseLong(await("did", Duration.ofSeconds(60)));
    }

    /// How much came from the guest's card, in bytes of frames.
    long receivedBytes() {
        return receivedBytes.get();
    }

    @Override
    public void close() throws IOException {
        console.close();
        FramePort open = card;
        if (open != null) {
            open.close();
        }
        handle.remove();
    }

    private void send(String line) throws IOException {
        ByteBuffer keys = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII));
        while (keys.hasRemaining()) {
            console.write(keys);
        }
    }

    private void listen() {
        StringBuilder line = new StringBuilder();
        try (InputStream in = Channels.newInputStream(console)) {
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c == '\n') {
                    // What nobody waits for may be lost.
                    boolean kept = lines.offer(line.toString().strip());
                    LOG.log(System.Logger.Level.TRACE, () -> "test guest spoke kept=" + kept);
                    line.setLength(0);
                } else if (line.length() < LINE_BYTES_MAX) {
                    line.append((char) c);
                }
            }
        } catch (IOException closed) {
            LOG.log(System.Logger.Level.DEBUG, () -> "test guest's console ended");
        }
    }

    private void answer(FramePort open, ByteBuffer frame) {
        int length = frame.remaining();
        receivedBytes.addAndGet(length);
        if (length < HEADER_BYTES || length > ANSWERED_BYTES_MAX) {
            return;
        }
        byte[] bytes = new byte[length];
        frame.get(bytes);
        if (isForUs(bytes)) {
            System.arraycopy(bytes, ADDRESS_BYTES, bytes, 0, ADDRESS_BYTES);
            boolean sent = open.send(ByteBuffer.wrap(bytes));
            LOG.log(System.Logger.Level.TRACE, () -> "test guest was answered sent=" + sent);
        }
    }

    /// Ethernet type 88b5, local experiments. Source: IEEE 802, section 9.2.4.
    private static boolean isForUs(byte[] frame) {
        return frame[12] == (byte) 0x88 && frame[13] == (byte) 0xB5;
    }

    private static SocketChannel dial(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException notThere) {
            channel.close();
            throw new IOException("connecting to " + socket, notThere);
        }
    }
}
