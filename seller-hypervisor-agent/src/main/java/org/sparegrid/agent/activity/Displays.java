// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.sparegrid.agent.desktop.XDisplay;

/// All X servers of this computer that let us in, Xwayland among them.
public final class Displays implements ActivitySource {
    /// More displays than a computer has.
    private static final int DISPLAYS_MAX = 16;

    /// How often displays are looked for, refused ones too.
    private static final long LOOK_NANOS = 10_000_000_000L;

    private final Path sockets;
    private final Path authority;
    private final LongSupplier nanoClock;
    private final Map<Path, XDisplay> open = new HashMap<>();
    private long lookedNanos;

    /// @param sockets `/tmp/.X11-unix`
    /// @param authority the file with the displays' secrets
    public Displays(Path sockets, Path authority, LongSupplier nanoClock) {
        this.sockets = sockets;
        this.authority = authority;
        this.nanoClock = nanoClock;
        this.lookedNanos = nanoClock.getAsLong() - LOOK_NANOS;
    }

    @Override
    public String name() {
        return "X display";
    }

    @Override
    public Kind kind() {
        return Kind.DESKTOP;
    }

    @Override
    public Optional<Duration> idle() throws IOException {
        look();
        Optional<Duration> least = Optional.empty();
        for (Path socket : Set.copyOf(open.keySet())) {
            try {
                Duration idle = display(socket).idle();
                if (least.isEmpty() || idle.compareTo(least.get()) < 0) {
                    least = Optional.of(idle);
                }
            } catch (IOException gone) {
                drop(socket);
            }
        }
        return least;
    }

    /// Whether a window fills one of the screens.
    public boolean isFullScreen() {
        boolean full = false;
        for (Path socket : Set.copyOf(open.keySet())) {
            try {
                full |= display(socket).isFullScreen();
            } catch (IOException gone) {
                drop(socket);
            }
        }
        return full;
    }

    @Override
    public void close() {
        Set.copyOf(open.keySet()).forEach(this::drop);
    }

    private XDisplay display(Path socket) throws IOException {
        XDisplay display = open.get(socket);
        if (display == null) {
            throw new IOException("display closed: " + socket);
        }
        return display;
    }

    private void look() throws IOException {
        long now = nanoClock.getAsLong();
        if (now - lookedNanos < LOOK_NANOS || !Files.isDirectory(sockets)) {
            return;
        }
        lookedNanos = now;
        Set<Path> there = new HashSet<>();
        try (var found = Files.newDirectoryStream(sockets, "X[0-9]*")) {
            found.forEach(there::add);
        }
        for (Path socket : there) {
            if (!open.containsKey(socket) && open.size() < DISPLAYS_MAX) {
                try {
                    open.put(socket, XDisplay.connect(socket, authority));
                } catch (IOException refused) {
                    System.getLogger(Displays.class.getName())
                            .log(
                                    System.Logger.Level.DEBUG,
                                    () ->
                                            "display not used display="
                                                    + socket
                                                    + " cause="
                                                    + refused);
                }
            }
        }
    }

    private void drop(Path socket) {
        XDisplay display = open.remove(socket);
        if (display != null) {
            try {
                display.close();
            } catch (IOException closed) {
                System.getLogger(Displays.class.getName())
                        .log(System.Logger.Level.DEBUG, () -> "display not closed " + closed);
            }
        }
    }
}
