// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.testsupport.Property;

class MessageBusTest {
    @TempDir private Path folder = Path.of("/nonexistent");

    @Test
    void readsPropertiesBetweenSignals() throws Exception {
        Path path = folder.resolve("bus");
        try (FakeBus fake = new FakeBus(path)) {
            fake.answer("Metered", 3);
            try (MessageBus bus = MessageBus.connect(path)) {
                assertThat(bus.property("a.b", "/a", "a.b", "Metered")).isEqualTo(3);
                assertThatThrownBy(() -> bus.property("a.b", "/a", "a.b", "Unknown"))
                        .isInstanceOf(IOException.class)
                        .hasMessage("D-Bus: Get is refused: sorry");
                assertThat(bus.property("a.b", "/a", "a.b", "Metered")).isEqualTo(3);
            }
        }
    }

    @Test
    void findsTheSessionBus() {
        assertThat(
                        MessageBus.session(
                                Map.of(
                                        "DBUS_SESSION_BUS_ADDRESS",
                                        "tcp:host=x;unix:path=/run/user/7/bus,guid=12")))
                .isEqualTo(Path.of("/run/user/7/bus"));
        assertThat(MessageBus.session(Map.of()).toString()).matches("/run/user/[0-9]+/bus");
    }

    @Test
    void refusesABusThatDoesNotLetItIn() throws Exception {
        Path path = folder.resolve("bus");
        byte[] no = "REJECTED EXTERNAL\r\n".getBytes(StandardCharsets.US_ASCII);
        try (FakeServer server = new FakeServer(path, channel -> refuse(channel, no))) {
            assertThat(server).isNotNull();
            assertThatThrownBy(() -> MessageBus.connect(path))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("REJECTED");
        }
    }

    private static void refuse(SocketChannel channel, byte[] words) throws IOException {
        while (FakeServer.read(channel, 1).get() != '\n') {
            Thread.onSpinWait();
        }
        channel.write(ByteBuffer.wrap(words));
    }

    /// A bus that talks nonsense is an `IOException`, never more and never endless.
    @Test
    void survivesAnyBytes() {
        Property.holds(
                60,
                random -> {
                    byte[] any = new byte[2 + random.nextInt(200)];
                    random.nextBytes(any);
                    any[0] = 'l';
                    any[1] = (byte) (random.nextInt(4) + 1);
                    Path path = folder.resolve("bus" + random.nextLong());
                    try (FakeServer server =
                            new FakeServer(
                                    path,
                                    channel -> {
                                        byte[] ok = "OK 1\r\n".getBytes(StandardCharsets.US_ASCII);
                                        channel.write(ByteBuffer.wrap(ok));
                                        channel.write(ByteBuffer.wrap(any));
                                    })) {
                        assertThat(server).isNotNull();
                        assertThatThrownBy(() -> MessageBus.connect(path).close())
                                .isInstanceOf(IOException.class);
                    }
                });
    }
}
