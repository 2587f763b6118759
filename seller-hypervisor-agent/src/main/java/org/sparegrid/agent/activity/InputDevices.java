// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Keyboards and mice themselves, which only members of the group `input` may read. Each has a
/// thread that waits for its events; what they are is never looked at.
public final class InputDevices implements ActivitySource {
    /// More devices than a computer has.
    private static final int DEVICES_MAX = 32;

    /// How often new devices are looked for.
    private static final long LOOK_NANOS = 10_000_000_000L;

    private final Path folder;
    private final LongSupplier nanoClock;
    private final long startNanos;
    private final Map<Path, FileChannel> open = new HashMap<>();
    private volatile long lastNanos;
    private long lookedNanos;

    /// @param folder `/dev/input`
    /// @param nanoClock such as `System::nanoTime`
    public InputDevices(Path folder, LongSupplier nanoClock) {
        this.folder = folder;
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
        this.lastNanos = startNanos;
        this.lookedNanos = startNanos - LOOK_NANOS;
    }

    @Override
    public String name() {
        return "input devices";
    }

    @Override
    public Optional<Duration> idle() throws IOException {
        long now = nanoClock.getAsLong();
        if (now - lookedNanos >= LOOK_NANOS) {
            lookedNanos = now;
            look();
        }
        synchronized (open) {
            return open.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Duration.ofNanos(Math.max(0, now - lastNanos)));
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (open) {
            for (FileChannel channel : open.values()) {
                channel.close();
            }
            open.clear();
        }
    }

    private void look() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var devices = Files.newDirectoryStream(folder, "event*")) {
            for (Path device : devices) {
                synchronized (open) {
                    if (!open.containsKey(device)
                            && open.size() < DEVICES_MAX
                            && Files.isReadable(device)) {
                        FileChannel channel = FileChannel.open(device, StandardOpenOption.READ);
                        open.put(device, channel);
                        Thread.ofPlatform()
                                .name("input-" + device.getFileName())
                                .daemon()
                                .start(() -> read(device, channel));
                    }
                }
            }
        }
    }

    private void read(Path device, FileChannel channel) {
        ByteBuffer events = ByteBuffer.allocate(4096);
        try (channel) {
            while (channel.read(events.clear()) >= 0) {
                lastNanos = nanoClock.getAsLong();
            }
        } catch (IOException unplugged) {
            System.getLogger(InputDevices.class.getName())
                    .log(System.Logger.Level.DEBUG, () -> "input device gone device=" + device);
        } finally {
            synchronized (open) {
                open.remove(device, channel);
            }
        }
    }
}
