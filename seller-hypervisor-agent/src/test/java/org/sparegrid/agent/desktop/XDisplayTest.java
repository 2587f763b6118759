// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XDisplayTest {
    private static final int ROOT = 0x3f2;
    private static final int WINDOW = 0x400007;

    @TempDir private Path folder = Path.of("/nonexistent");

    private final AtomicInteger idleMillis = new AtomicInteger(90_000);
    private boolean full;

    @Test
    void asksForTheTimeSinceTheLastInput() throws Exception {
        Path socket = folder.resolve("X7");
        try (FakeServer server = new FakeServer(socket, this::serve);
                XDisplay display = XDisplay.connect(socket, authority())) {
            assertThat(server).isNotNull();
            assertThat(display.idle()).isEqualTo(Duration.ofSeconds(90));
            idleMillis.set(12);
            assertThat(display.idle()).isEqualTo(Duration.ofMillis(12));
            assertThat(display.isFullScreen()).isFalse();
            full = true;
            assertThat(display.isFullScreen()).isTrue();
        }
    }

    @Test
    void saysWhyItIsNotLetIn() throws Exception {
        Path socket = folder.resolve("X8");
        try (FakeServer server = new FakeServer(socket, this::serve)) {
            assertThat(server).isNotNull();
            assertThatThrownBy(() -> XDisplay.connect(socket, folder.resolve("none")))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the X server refused us: no cookie");
        }
    }

    @Test
    void refusesAnAuthorityFileThatIsCutOff() throws Exception {
        Path file = folder.resolve("cut");
        Files.write(file, HexFormat.of().parseHex("0100000401"));

        assertThatThrownBy(() -> XAuthority.cookie(file, "7"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cut off");
    }

    /// The secret of display 8 comes first and must not be taken.
    private Path authority() throws IOException {
        ByteBuffer out = ByteBuffer.allocate(200);
        for (String number : new String[] {"8", "7"}) {
            out.putShort((short) 256);
            counted(out, "host");
            counted(out, number);
            counted(out, "MIT-MAGIC-COOKIE-1");
            counted(out, "secret of no. " + number);
        }
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        return Files.write(folder.resolve("authority"), bytes);
    }

    private static void counted(ByteBuffer out, String text) {
        out.putShort((short) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void serve(SocketChannel channel) throws IOException {
        ByteBuffer hello = FakeServer.read(channel, 12);
        int name = (hello.getShort(6) + 3) / 4 * 4;
        int secret = hello.getShort(8);
        ByteBuffer rest = FakeServer.read(channel, name + (secret + 3) / 4 * 4);
        if (!new String(rest.array(), name, secret, StandardCharsets.US_ASCII)
                .equals("secret of no. 7")) {
            ByteBuffer no = little(20).put((byte) 0).put((byte) 9).position(6);
            no.putShort((short) 3).put("no cookie".getBytes(StandardCharsets.US_ASCII));
            channel.write(no.rewind());
            return;
        }
        // Vendor of 5 bytes, one format, then the first screen with its root window.
        ByteBuffer setup = little(8 + 32 + 8 + 8 + 40).put((byte) 1).position(6);
        setup.putShort((short) 22).position(8 + 16);
        setup.putShort((short) 5).position(8 + 21);
        setup.put((byte) 1).position(8 + 32 + 8 + 8);
        channel.write(setup.putInt(ROOT).rewind());
        while (true) {
            ByteBuffer head = FakeServer.read(channel, 4);
            ByteBuffer body = FakeServer.read(channel, head.getShort(2) * 4 - 4);
            // An event that nobody asked for comes first.
            channel.write(little(32).put((byte) 34).rewind());
            channel.write(answer(head, body));
        }
    }

    private ByteBuffer answer(ByteBuffer head, ByteBuffer body) {
        return switch (Byte.toUnsignedInt(head.get(0))) {
            case 98 -> reply(0).put(8, (byte) 1).put(9, (byte) 144);
            case 144 -> reply(0).putInt(16, body.getInt(0) == ROOT ? idleMillis.get() : -1);
            // Atoms are numbered by the length of their names.
            case 16 -> reply(0).putInt(8, body.getShort(0));
            case 20 -> property(body.getInt(0), body.getInt(4));
            default -> throw new AssertionError("opcode " + head.get(0));
        };
    }

    private ByteBuffer property(int window, int atom) {
        boolean active = window == ROOT && atom == "_NET_ACTIVE_WINDOW".length();
        boolean state = window == WINDOW && atom == "_NET_WM_STATE".length() && full;
        int value = active ? WINDOW : "_NET_WM_STATE_FULLSCREEN".length();
        return active || state
                ? reply(4).put(1, (byte) 32).putInt(16, 1).putInt(32, value)
                : reply(0);
    }

    private static ByteBuffer reply(int extra) {
        return little(32 + extra).put(0, (byte) 1).putInt(4, extra / 4);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
