// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.selling;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.config.Folders;
import org.sparegrid.agent.status.StatusSocket;

/// Whose libvirtd and guests these are: the agent's for as long as it runs, and otherwise a test's
/// that makes a guest of its own. Whoever has them may remove what it doesn't know.
///
/// The kernel lets go of the file when its holder dies. The file itself stays, because two programs
/// could hold two files of one name otherwise.
public final class AgentLock implements AutoCloseable {
    /// How long one waits for the other: each boots a guest of our own, on a busy computer.
    private static final Duration WAIT_MAX = Duration.ofMinutes(3);

    private static final long POLL_MILLIS = 100;

    /// A test may begin or end between two looks, so that one look at an agent does not suffice.
    private static final int STRANGE_LOOKS = 5;

    /// The byte that the holder locks.
    private static final int HELD = 0;

    /// The byte that a test locks besides, and before.
    private static final int TESTED = 1;

    private final FileChannel channel;

    /// An agent that is there and says nothing.
    public static final class SilentException extends IOException {
        private static final long serialVersionUID = 1;

        SilentException(String why) {
            super(why);
        }
    }

    private AgentLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Takes it for the agent, after a test that may be under way.
    ///
    /// @throws IOException if another agent runs here, or the test doesn't end
    static AgentLock forAgent(Path data) throws IOException, InterruptedException {
        int strange = 0;
        for (long waited = 0; waited <= WAIT_MAX.toMillis(); waited += POLL_MILLIS) {
            Optional<AgentLock> taken = take(data, HELD);
            if (taken.isPresent()) {
                return taken.get();
            }
            strange = isTested(data) ? 0 : strange + 1;
            if (strange == STRANGE_LOOKS) {
                throw new IOException("another sparegrid-agent runs here with folder " + data);
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw new IOException(
                "sparegrid-agent doctor, bugreport or selftest has not ended after "
                        + WAIT_MAX.toSeconds()
                        + " s; end it");
    }

    /// Takes it for a test, after an agent or another test that is just starting.
    ///
    /// @return empty if an agent runs, which answers
    /// @throws SilentException if somebody has it and no agent answers
    public static Optional<AgentLock> forTest(Folders folders)
            throws IOException, InterruptedException {
        return forTest(folders.data(), () -> StatusSocket.ask(folders.controlSocket()).isPresent());
    }

    static Optional<AgentLock> forTest(Path data, Callable<Boolean> agentAnswers)
            throws IOException, InterruptedException {
        for (long waited = 0; waited <= WAIT_MAX.toMillis(); waited += POLL_MILLIS) {
            if (answers(agentAnswers)) {
                return Optional.empty();
            }
            Optional<AgentLock> taken = take(data, TESTED, HELD);
            if (taken.isPresent()) {
                return taken;
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw new SilentException(
                "another program has the guests and has not answered for "
                        + WAIT_MAX.toSeconds()
                        + " s");
    }

    private static boolean answers(Callable<Boolean> agent) throws IOException {
        try {
            return agent.call();
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IOException("asking the agent", failed);
        }
    }

    private static boolean isTested(Path data) throws IOException {
        Optional<AgentLock> free = take(data, TESTED);
        if (free.isPresent()) {
            free.get().close();
        }
        return free.isEmpty();
    }

    /// Takes all of `bytes`, in this order, or none.
    private static Optional<AgentLock> take(Path data, int... bytes) throws IOException {
        AgentLock lock =
                new AgentLock(
                        FileChannel.open(
                                data.resolve("lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE));
        boolean all = false;
        try {
            all = lock.lock(bytes);
        } finally {
            if (!all) {
                lock.close();
            }
        }
        return all ? Optional.of(lock) : Optional.empty();
    }

    private boolean lock(int... bytes) throws IOException {
        for (int at : bytes) {
            try {
                @Nullable FileLock held = channel.tryLock(at, 1, false);
                if (held == null) {
                    return false;
                }
            } catch (OverlappingFileLockException ours) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
