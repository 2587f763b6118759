// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.sparegrid.virtualethernet.port.FramePort;

/// The overlay of one process: one UDP port that carries all its networks.
///
/// ```java
/// try (var ethernet = VirtualEthernet.open(VirtualEthernet.Config.defaults());
///         var attachment = ethernet.attach(
///                 AttachmentSpec.of(KeyPair.generate(), Role.MACHINE),
///                 new QemuStreamPort(socket))) {
///     attachment.update(map);
/// }
/// ```
@SuppressWarnings("DoNotCallSuggester") // the bodies follow in the next commits
public final class VirtualEthernet implements AutoCloseable {
    /// Settings of the overlay.
    ///
    /// @param port UDP port on all local addresses; 0 takes any free one
    public record Config(int port) {
        /// The port that sellers are asked to open if they can.
        public static final int DEFAULT_PORT = 41_777;

        /// Checks the port.
        public Config {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port: expected 0 to 65535, got " + port);
            }
        }

        /// The default port.
        public static Config defaults() {
            return new Config(DEFAULT_PORT);
        }
    }

    private VirtualEthernet() {}

    /// Opens the UDP port and starts the threads.
    ///
    /// @throws IOException if the port is taken
    public static VirtualEthernet open(Config config) throws IOException {
        throw new UnsupportedOperationException("not built yet: " + config);
    }

    /// The UDP port in use.
    public int port() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Where peers might reach this process: its interface addresses with the port. Addresses of
    /// the overlay itself are left out; loopback is named only if there is nothing else.
    public List<InetSocketAddress> localEndpoints() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Joins a machine to a network. The attachment owns `port` from now on; nothing passes before
    /// its first network map.
    ///
    /// @throws IOException if the port cannot be started
    public Attachment attach(AttachmentSpec spec, FramePort port) throws IOException {
        throw new UnsupportedOperationException("not built yet: " + spec.role() + port);
    }

    /// Closes every attachment, the UDP port and the threads.
    @Override
    public void close() {}
}
