// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.activity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.desktop.MessageBus;

/// What a service on a message bus says of the owner: the login manager, or GNOME's shell, which is
/// the only one to know it under Wayland.
public final class BusSource implements ActivitySource {
    /// How often the login manager forms its opinion anew.
    private static final long HINT_NANOS = 1_000_000_000L;

    /// How often a bus that isn't there is tried again.
    private static final long RETRY_NANOS = 30_000_000_000L;

    private final String name;
    private final Kind kind;
    private final Path socket;
    private final LongSupplier nanoClock;
    private final Question question;
    private @Nullable MessageBus bus;
    private Optional<Duration> last = Optional.empty();
    private long askedNanos;
    private long triedNanos;

    private BusSource(
            String name, Kind kind, Path socket, LongSupplier nanoClock, Question question) {
        this.name = name;
        this.kind = kind;
        this.socket = socket;
        this.nanoClock = nanoClock;
        this.question = question;
        this.triedNanos = nanoClock.getAsLong() - RETRY_NANOS;
    }

    private interface Question {
        Optional<Duration> ask(MessageBus bus) throws IOException;
    }

    /// The login manager's opinion: in use, or idle since a moment. Without a session it has none.
    public static BusSource logind(Path systemBus, LongSupplier nanoClock) {
        return new BusSource(
                "login manager", Kind.HINT, systemBus, nanoClock, BusSource::logindIdle);
    }

    /// The time since the last input in a GNOME session.
    public static BusSource gnome(Path sessionBus, LongSupplier nanoClock) {
        return new BusSource("GNOME", Kind.DESKTOP, sessionBus, nanoClock, BusSource::gnomeIdle);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public Optional<Duration> idle() throws IOException {
        long now = nanoClock.getAsLong();
        MessageBus open = bus;
        if (open == null) {
            if (now - triedNanos < RETRY_NANOS || !Files.exists(socket)) {
                return Optional.empty();
            }
            triedNanos = now;
            open = MessageBus.connect(socket);
            bus = open;
        }
        long age = now - askedNanos;
        if (kind == Kind.HINT && last.isPresent() && age < HINT_NANOS) {
            return last.map(idle -> idle.plusNanos(age));
        }
        try {
            askedNanos = now;
            last = question.ask(open);
            return last;
        } catch (IOException failed) {
            close();
            throw failed;
        }
    }

    @Override
    public void close() throws IOException {
        MessageBus open = bus;
        bus = null;
        if (open != null) {
            open.close();
        }
    }

    private static Optional<Duration> logindIdle(MessageBus open) throws IOException {
        String service = "org.freedesktop.login1";
        String path = "/org/freedesktop/login1";
        String type = service + ".Manager";
        if (open.property(service, path, type, "NCurrentSessions") == 0) {
            return Optional.empty();
        }
        if (open.property(service, path, type, "IdleHint") == 0) {
            return Optional.of(Duration.ZERO);
        }
        long micros = open.property(service, path, type, "IdleSinceHint");
        long millis = System.currentTimeMillis() - micros / 1000;
        return Optional.of(Duration.ofMillis(Math.max(0, millis)));
    }

    private static Optional<Duration> gnomeIdle(MessageBus open) throws IOException {
        ByteBuffer body =
                open.call(
                        "org.gnome.Mutter.IdleMonitor",
                        "/org/gnome/Mutter/IdleMonitor/Core",
                        "org.gnome.Mutter.IdleMonitor",
                        "GetIdletime");
        return body.remaining() < 8
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(body.getLong()));
    }
}
