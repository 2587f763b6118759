// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.io.IOException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.common.compression.BuiltinCompressions;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.global.KeepAliveHandler;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.global.NoMoreSessionsHandler;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.Operations;

/// `ssh MACHINE@COORDINATOR` and `ssh -J COORDINATOR MACHINE`: a port at which people reach the
/// serial consoles of their machines, and their port 22, with an ordinary SSH client, and nothing
/// else.
///
/// The library's own threads do the cryptography and ask the database for keys.
public final class SshGateway implements AutoCloseable {
    private static final Duration LOGIN_MAX = Duration.ofSeconds(30);

    /// A console on which nothing is typed nor written for so long is closed.
    private static final Duration IDLE_MAX = Duration.ofMinutes(30);

    private static final int LOGIN_TRIES_MAX = 6;
    private static final int CHANNELS_MAX = 4;
    private static final int WORKERS = 4;
    private static final long WINDOW_BYTES = 64 << 10;
    private static final Duration STOP_MAX = Duration.ofSeconds(5);

    private final SshServer server;
    private final String hostKey;

    private SshGateway(SshServer server, String hostKey) {
        this.server = server;
        this.hostKey = hostKey;
    }

    /// Starts to serve.
    ///
    /// @param port the TCP port, 0 for any
    /// @param hostKey by which clients know it
    /// @throws IOException if the port can't be had
    public static SshGateway open(
            Operations operations, String address, int port, KeyPair hostKey, Metrics metrics)
            throws IOException {
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost(address);
        server.setPort(port);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        bound(server);
        Door door = new Door(operations.keys().ssh(), metrics);
        server.setUserAuthFactories(List.of(UserAuthPublicKeyFactory.INSTANCE));
        server.setPublickeyAuthenticator(door);
        server.setIoServiceEventListener(door);
        server.addSessionListener(door);
        Refusals refusals = new Refusals(door);
        Seats seats = new Seats("consoles");
        Seats jumps = new Seats("jumps");
        metrics.gauge("sparegrid.ssh.consoles", "Consoles that are open by SSH.", seats::all);
        metrics.gauge("sparegrid.ssh.jumps", "Jumps to machines that are open by SSH.", jumps::all);
        server.setChannelFactories(
                List.of(
                        new ConsoleChannels(refusals),
                        new JumpChannels(operations, door, refusals, jumps),
                        refusals.channels("direct-streamlocal@openssh.com"),
                        refusals.channels("tun@openssh.com")));
        server.setGlobalRequestHandlers(
                List.of(
                        KeepAliveHandler.INSTANCE,
                        NoMoreSessionsHandler.INSTANCE,
                        refusals.global()));
        server.setShellFactory(_ -> new ConsoleCommand(operations, door, seats));
        server.setCommandFactory((_, command) -> new RefusedCommand(refusals, command));
        server.setSubsystemFactories(List.of());
        try {
            server.start();
        } catch (IOException refused) {
            server.close(true);
            throw new IOException(
                    "SSH gateway (setting ssh-port): can't open port "
                            + port
                            + ": "
                            + refused.getMessage(),
                    refused);
        }
        return new SshGateway(server, fingerprint(hostKey));
    }

    private static void bound(SshServer server) {
        CoreModuleProperties.SERVER_IDENTIFICATION.set(server, "sparegrid");
        CoreModuleProperties.AUTH_TIMEOUT.set(server, LOGIN_MAX);
        CoreModuleProperties.IDLE_TIMEOUT.set(server, IDLE_MAX);
        CoreModuleProperties.MAX_AUTH_REQUESTS.set(server, LOGIN_TRIES_MAX);
        CoreModuleProperties.MAX_CONCURRENT_CHANNELS.set(server, CHANNELS_MAX);
        CoreModuleProperties.NIO_WORKERS.set(server, WORKERS);
        CoreModuleProperties.WINDOW_SIZE.set(server, WINDOW_BYTES);
        // A client that compresses could make us unpack without end.
        server.setCompressionFactories(List.of(BuiltinCompressions.none));
    }

    /// How clients know the key, as `ssh-keygen -l` prints it.
    public static String fingerprint(KeyPair hostKey) {
        return KeyUtils.getFingerPrint(hostKey.getPublic());
    }

    /// The port it listens on.
    public int port() {
        return server.getPort();
    }

    /// The fingerprint of its host key.
    public String hostKey() {
        return hostKey;
    }

    @Override
    public void close() throws IOException {
        if (!server.close(true).await(STOP_MAX)) {
            throw new IOException("SSH gateway: it took too long to stop");
        }
    }
}
