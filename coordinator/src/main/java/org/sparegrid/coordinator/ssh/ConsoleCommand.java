// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.ssh.Machines.Machine;
import org.sparegrid.protocol.api.ConsolePart;
import org.sparegrid.protocol.control.Blob;

/// Carries bytes between a client's terminal and a machine's serial console, a virtual thread for
/// each direction, until the client leaves, the machine ends or the key is removed.
final class ConsoleCommand implements Command {
    private static final System.Logger LOGGER = System.getLogger(ConsoleCommand.class.getName());

    /// Ctrl and `]`, as in `sparegrid vm console`.
    private static final byte QUIT = 0x1d;

    /// How soon a client who left, or whose key was removed, is noticed.
    private static final Duration WAIT = Duration.ofSeconds(5);

    /// With the pause: at most 50 messages and 50 kB a second go to an agent from one console.
    private static final int KEYS_MAX = 1024;

    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Operations operations;
    private final Machines machines;
    private final Door door;
    private final Seats seats;
    private final AtomicBoolean ended = new AtomicBoolean();
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private OutputStream err = OutputStream.nullOutputStream();
    private ExitCallback callback = (_, _, _) -> {};

    ConsoleCommand(Operations operations, Door door, Seats seats) {
        this.operations = operations;
        this.machines = new Machines(operations);
        this.door = door;
        this.seats = seats;
    }

    @Override
    public void setInputStream(InputStream stream) {
        in = stream;
    }

    @Override
    public void setOutputStream(OutputStream stream) {
        out = stream;
    }

    @Override
    public void setErrorStream(OutputStream stream) {
        err = stream;
    }

    @Override
    public void setExitCallback(ExitCallback exit) {
        callback = exit;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
        Session session = channel.getSession();
        var _ = Thread.ofVirtual().name("ssh console").start(() -> run(session));
    }

    @Override
    public void destroy(ChannelSession channel) {
        ended.set(true);
    }

    private void run(Session session) {
        int status = 1;
        try {
            Machine machine = machines.find(door.accounts(session), session.getUsername());
            seats.take(machine.account());
            try {
                status = open(session, machine);
            } finally {
                seats.giveBack(machine.account());
            }
        } catch (RefusedException no) {
            door.refused(session, "console: " + no.getMessage());
            say(String.valueOf(no.getMessage()));
        } catch (RuntimeException failure) {
            fail(failure);
        } finally {
            end(status);
        }
    }

    private int open(Session session, Machine machine) {
        String lease = machine.lease().id().value();
        door.note(session, machine.account(), "console-opened", lease);
        say("console of " + machine.name() + " of " + machine.account() + "; Ctrl-] leaves it");
        var _ = Thread.ofVirtual().name("ssh keys of " + lease).start(() -> type(machine));
        try {
            return show(session, machine);
        } catch (RefusedException gone) {
            say(String.valueOf(gone.getMessage()));
            return 1;
        } catch (IOException left) {
            return 0;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return 1;
        } finally {
            door.note(session, machine.account(), "console-closed", lease);
        }
    }

    private int show(Session session, Machine machine) throws IOException, InterruptedException {
        long from = 0;
        while (!ended.get()) {
            if (!door.isOpen(session, machine.account())) {
                say("the key was removed or the account is shut out");
                return 1;
            }
            ConsolePart part =
                    operations.console(machine.account(), machine.lease().id(), from, WAIT);
            byte[] bytes = part.bytes().toBytes();
            out.write(bytes);
            out.flush();
            from = part.offset() + bytes.length;
            if (bytes.length == 0 && part.ended()) {
                say("the machine has ended");
                return 0;
            }
        }
        return 0;
    }

    private void type(Machine machine) {
        byte[] keys = new byte[KEYS_MAX];
        try {
            int length = in.read(keys);
            while (length >= 0 && !ended.get()) {
                int quit = quitAt(keys, length);
                int typed = quit < 0 ? length : quit;
                if (typed > 0) {
                    operations.type(
                            machine.account(),
                            machine.lease().id(),
                            new Blob(Arrays.copyOf(keys, typed)));
                }
                if (quit >= 0) {
                    end(0);
                    return;
                }
                Thread.sleep(PAUSE);
                length = in.read(keys);
            }
        } catch (RefusedException no) {
            say(String.valueOf(no.getMessage()));
            end(1);
        } catch (RuntimeException failure) {
            fail(failure);
        } catch (IOException gone) {
            // The client left; the other direction ends by that too.
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /// As when the coordinator stops while a console is open.
    private void fail(RuntimeException failure) {
        LOGGER.log(System.Logger.Level.WARNING, () -> "ssh console failed cause=" + failure);
        end(1);
    }

    private static int quitAt(byte[] keys, int length) {
        for (int i = 0; i < length; i++) {
            if (keys[i] == QUIT) {
                return i;
            }
        }
        return -1;
    }

    private void say(String what) {
        try {
            err.write(("\r\nsparegrid: " + what + "\r\n").getBytes(StandardCharsets.UTF_8));
            err.flush();
        } catch (IOException gone) {
            // Nobody is there to read it.
        }
    }

    /// Ends the channel, once.
    private void end(int status) {
        if (!ended.getAndSet(true)) {
            callback.onExit(status, false);
        }
    }
}
