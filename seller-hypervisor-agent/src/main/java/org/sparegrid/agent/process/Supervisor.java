// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.process;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// The systemd that started this program. Without one nothing is told to anybody.
///
/// Source: sd_notify(3), unix(7), systemctl(1).
public final class Supervisor {
    private static final System.Logger LOG = System.getLogger(Supervisor.class.getName());

    private static final short FAMILY_UNIX = 1;
    private static final int DATAGRAM = 2;
    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int NO_SIGNAL = 0x4000;

    /// The longest name of a socket on Linux, in bytes. Source: unix(7).
    private static final int NAME_BYTES_MAX = 108;

    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    static {
        Native.register(Supervisor.class, "c");
    }

    private final String socket;

    private Supervisor(String socket) {
        this.socket = socket;
    }

    /// The one that the environment names.
    public static Supervisor of(Map<String, String> environment) {
        return new Supervisor(environment.getOrDefault("NOTIFY_SOCKET", ""));
    }

    /// This program has started, and works.
    public void ready() {
        tell("READY=1");
    }

    /// How it stands, in one line that `systemctl status` shows.
    public void say(String line) {
        tell("STATUS=" + line.replace('\n', ' '));
    }

    /// It is about to end, which takes a while.
    public void stopping() {
        tell("STOPPING=1");
    }

    /// Whether this user's session or the whole computer is going down, so that nothing of the
    /// user's will be left.
    public boolean isGoingDown() throws InterruptedException {
        Optional<Path> program = Tool.find("systemctl");
        return program.isPresent()
                && (isStopping(program.get(), "--system") || isStopping(program.get(), "--user"));
    }

    private static boolean isStopping(Path program, String whose) throws InterruptedException {
        try {
            Tool.Answer answer =
                    Tool.run(ANSWER_MAX, program.toString(), whose, "is-system-running");
            return answer.output().strip().equals("stopping");
        } catch (IOException silent) {
            LOG.log(System.Logger.Level.WARNING, () -> "systemd not asked cause=" + silent);
            return false;
        }
    }

    private void tell(String message) {
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0) {
            return;
        }
        if (name.length > NAME_BYTES_MAX) {
            LOG.log(System.Logger.Level.WARNING, () -> "systemd not told socket=" + socket);
            return;
        }
        if (name[0] == '@') {
            name[0] = 0; // a name that is no file's
        }
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        int descriptor = socket(FAMILY_UNIX, DATAGRAM | CLOSE_ON_EXEC, 0);
        try (Memory to = new Memory(Short.BYTES + name.length);
                Memory what = new Memory(text.length)) {
            to.write(0, address(name), 0, Short.BYTES + name.length);
            what.write(0, text, 0, text.length);
            long sent =
                    sendto(descriptor, what, text.length, NO_SIGNAL, to, Short.BYTES + name.length);
            if (sent != text.length) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> "systemd not told socket=" + socket + " message=" + message);
            }
        } finally {
            if (descriptor >= 0) {
                close(descriptor);
            }
        }
    }

    private static byte[] address(byte[] name) {
        return ByteBuffer.allocate(Short.BYTES + name.length)
                .order(ByteOrder.nativeOrder())
                .putShort(FAMILY_UNIX)
                .put(name)
                .array();
    }

    private static native int socket(int family, int type, int protocol);

    private static native long sendto(
            int descriptor, Pointer what, long bytes, int flags, Pointer to, int toBytes);

    private static native int close(int descriptor);
}
