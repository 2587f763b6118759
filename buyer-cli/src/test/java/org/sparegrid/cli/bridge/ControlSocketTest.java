// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.virtualethernet.capture.Capture;
import org.sparegrid.virtualethernet.capture.CapturePort;
import org.sparegrid.virtualethernet.report.Echo;
import org.sparegrid.virtualethernet.report.Peer;
import org.sparegrid.virtualethernet.report.Trace;
import org.sparegrid.virtualethernet.userspace.UserSpaceHost;

class ControlSocketTest {
    private static final Peers PEERS =
            new Peers(
                    "demo",
                    "laptop",
                    "10.77.3.2",
                    "user",
                    "none",
                    -1,
                    7,
                    List.of(
                            new Peer(
                                    "node1",
                                    "10.77.3.11",
                                    "192.0.2.1:41777",
                                    true,
                                    "so",
                                    5,
                                    1500,
                                    1400,
                                    10,
                                    20,
                                    0)));

    @TempDir Path folder;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /// Its only machine, `node1`, sends back on port 7 what it gets.
    private final class Service implements ControlServer.Service {
        @Override
        public Peers peers() {
            return PEERS;
        }

        @Override
        public Echo ping(String name, Duration timeout) {
            return new Echo(name, "10.77.3.11", "", false, "", timeout.toMillis(), 1400);
        }

        @Override
        public Trace trace(String name) {
            return new Trace(
                    PEERS.peers().getFirst(),
                    List.of(new Trace.Tried("192.0.2.1:41777", false, true, 2, 900)));
        }

        @Override
        public ControlServer.Link connect(String name, int port) throws IOException {
            if (!name.equals("node1")) {
                throw new IOException("there is no " + name + " on network demo");
            }
            PipedInputStream in = new PipedInputStream(1 << 16);
            PipedOutputStream out = new PipedOutputStream(in);
            return new ControlServer.Link() {
                @Override
                public InputStream inputStream() {
                    return in;
                }

                @Override
                public OutputStream outputStream() {
                    return out;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public Capture capture() {
            return new CapturePort(new UserSpaceHost()).capture();
        }

        @Override
        public void stop() {
            stopped.countDown();
        }
    }

    @Test
    void answersItsClient() throws Exception {
        Path socket = folder.resolve("control");
        try (ControlServer server = ControlServer.open(socket, new Service())) {
            assertThat(server).isNotNull();
            ControlClient client = new ControlClient(socket);
            assertThat(client.peers()).isEqualTo(PEERS);
            assertThat(client.ping("node1", Duration.ofSeconds(2)).roundTripMicros())
                    .isEqualTo(2000);
            assertThatThrownBy(() -> client.connect("node9", 22))
                    .hasMessage("there is no node9 on network demo");
            client.stop();
            assertThat(stopped.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void sendsACaptureUntilTheClientHasEnough() throws Exception {
        Path socket = folder.resolve("control");
        try (ControlServer _ = ControlServer.open(socket, new Service());
                SocketChannel frames = new ControlClient(socket).capture()) {
            frames.shutdownOutput();
            byte[] file = Channels.newInputStream(frames).readAllBytes();
            assertThat(file).startsWith(0x0A, 0x0D, 0x0D, 0x0A).hasSizeGreaterThan(100);
        }
    }

    @Test
    void carriesBytesBothWaysToTheEnd() throws Exception {
        Path socket = folder.resolve("control");
        byte[] sent = "hello ".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (ControlServer server = ControlServer.open(socket, new Service());
                SocketChannel channel = new ControlClient(socket).connect("node1", 7)) {
            assertThat(server).isNotNull();
            ControlClient.relay(channel, new ByteArrayInputStream(sent), received);
        }
        assertThat(received.toByteArray()).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1:41777", "[2001:db8:0:0:0:0:0:1]:5"})
    void readsTheEndpointsItWrites(String text) {
        assertThat(NetworkMaps.text(NetworkMaps.endpoint(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1", "example.org:5", "192.0.2.1:99999", "''"})
    void refusesOtherEndpoints(String text) {
        assertThatThrownBy(() -> NetworkMaps.endpoint(text))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
