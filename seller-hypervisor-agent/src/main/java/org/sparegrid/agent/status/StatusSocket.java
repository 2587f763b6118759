// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.status;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Function;
import org.sparegrid.agent.network.NetworkSurvey;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

/// Takes a command of whoever connects, answers with the report of this moment, and hangs up. Only
/// this user can connect.
public final class StatusSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(StatusSocket.class.getName());

    /// The longest command, in bytes.
    private static final int COMMAND_BYTES_MAX = 400;

    /// The line that asks for a survey of the network.
    private static final String SURVEY = "survey";

    /// The line that has the agent give its place to the version in use.
    private static final String RESTART = "restart";

    private final Path path;
    private final ServerSocketChannel server;
    private final Function<OwnerCommand, StatusReport> obey;
    private final NetworkTools tools;
    private final Runnable restart;

    private StatusSocket(
            Path path,
            ServerSocketChannel server,
            Function<OwnerCommand, StatusReport> obey,
            NetworkTools tools,
            Runnable restart) {
        this.path = path;
        this.server = server;
        this.obey = obey;
        this.tools = tools;
        this.restart = restart;
    }

    /// Listens at `path` from now on.
    ///
    /// @param obey performs a command
    /// @param tools look at the network
    /// @param restart gives the agent's place to the version in use; returns at once
    public static StatusSocket open(
            Path path,
            Function<OwnerCommand, StatusReport> obey,
            NetworkTools tools,
            Runnable restart)
            throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        StatusSocket socket = new StatusSocket(path, server, obey, tools, restart);
        Thread.ofVirtual().name("status").start(socket::serve);
        return socket;
    }

    /// The running agent's report, if one runs.
    public static Optional<StatusReport> ask(Path path) throws IOException {
        return ask(path, new OwnerCommand.Report());
    }

    /// The running agent's report after it obeyed, if one runs.
    public static Optional<StatusReport> ask(Path path, OwnerCommand command) throws IOException {
        return ask(path, command.line(), StatusReport.class);
    }

    /// What the running agent finds out about its network, if one runs; takes seconds.
    public static Optional<NetworkSurvey> survey(Path path) throws IOException {
        return ask(path, SURVEY, NetworkSurvey.class);
    }

    /// Has the running agent give its place to the version in use.
    ///
    /// @return false if none runs
    public static boolean restart(Path path) throws IOException {
        return ask(path, RESTART, StatusReport.class).isPresent();
    }

    private static <T> Optional<T> ask(Path path, String line, Class<T> answer) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            if (!connect(channel, path)) {
                return Optional.empty();
            }
            write(channel, (line + "\n").getBytes(StandardCharsets.US_ASCII));
            byte[] text = read(channel, Format.LENGTH_MAX_BYTES, false);
            if (text.length == 0) {
                throw new IOException("the running agent could not do that; its log says why");
            }
            return Optional.of(Format.JSON.read(text, answer));
        } catch (MessageFormatException strange) {
            throw new IOException("the running agent's answer: " + strange.getMessage(), strange);
        }
    }

    /// Whether an agent listens.
    static boolean connect(SocketChannel channel, Path path) {
        try {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException nobodyListens) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }

    private void serve() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Thread.startVirtualThread(() -> answer(channel));
            } catch (IOException closed) {
                LOG.log(System.Logger.Level.DEBUG, () -> "status socket closed cause=" + closed);
            }
        }
    }

    private void answer(SocketChannel opened) {
        try (SocketChannel channel = opened) {
            byte[] bytes = read(channel, COMMAND_BYTES_MAX, true);
            String line = new String(bytes, StandardCharsets.US_ASCII).strip();
            if (line.startsWith(NetworkQuestion.PREFIX)) {
                NetworkQuestion.answer(channel, line, tools);
                return;
            }
            boolean restarts = line.equals(RESTART);
            Object answer =
                    line.equals(SURVEY)
                            ? tools.survey()
                            : obey.apply(OwnerCommand.parse(restarts ? "report" : line));
            write(channel, Format.JSON.write(answer));
            if (restarts) {
                restart.run();
            }
        } catch (Exception failed) {
            LOG.log(System.Logger.Level.WARNING, () -> "status not given cause=" + failed);
        }
    }

    static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    /// Reads to the end, or to the end of the line.
    private static byte[] read(SocketChannel channel, int bytesMax, boolean line)
            throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (channel.read(buffer.clear()) >= 0 && text.size() < bytesMax) {
            text.write(buffer.array(), 0, buffer.position());
            if (line && buffer.array()[buffer.position() - 1] == '\n') {
                break;
            }
        }
        return text.toByteArray();
    }
}
