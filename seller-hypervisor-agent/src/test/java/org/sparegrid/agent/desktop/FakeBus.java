// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A message bus that answers for properties and for calls without arguments, with numbers.
public final class FakeBus implements AutoCloseable {
    private final FakeServer server;

    /// What each property or method answers; nothing is an error.
    private final Map<String, Long> answers = new ConcurrentHashMap<>();

    /// Listens from now on.
    public FakeBus(Path path) throws IOException {
        server = new FakeServer(path, this::serve);
    }

    /// Answers so from now on, as a 64-bit number.
    public void answer(String name, long value) {
        answers.put(name, value);
    }

    @Override
    public void close() {
        server.close();
    }

    private void serve(SocketChannel channel) throws IOException {
        line(channel);
        channel.write(ByteBuffer.wrap("OK 1234deadbeef\r\n".getBytes(StandardCharsets.US_ASCII)));
        line(channel);
        while (true) {
            ByteBuffer head = FakeServer.read(channel, 16);
            int fields = (head.getInt(12) + 7) / 8 * 8;
            ByteBuffer rest = FakeServer.read(channel, fields + head.getInt(4));
            String text = new String(rest.array(), StandardCharsets.ISO_8859_1);
            // A signal that nobody asked for comes first.
            channel.write(message((byte) 4, 0, new byte[0]));
            channel.write(reply(head.getInt(8), text));
        }
    }

    private ByteBuffer reply(int serial, String text) {
        if (text.contains("Hello")) {
            return message((byte) 2, serial, new byte[0]);
        }
        for (Map.Entry<String, Long> answer : answers.entrySet()) {
            if (text.contains(answer.getKey() + "\0")) {
                boolean property = text.contains("Properties");
                ByteBuffer body = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
                if (property) {
                    body.put((byte) 1).put((byte) 't').put((byte) 0).position(8);
                }
                body.putLong(answer.getValue());
                byte[] bytes = new byte[property ? 16 : 8];
                body.get(0, bytes);
                return message((byte) 2, serial, bytes);
            }
        }
        return message((byte) 3, serial, "\5\0\0\0sorry\0".getBytes(StandardCharsets.US_ASCII));
    }

    private static ByteBuffer message(byte type, int replyTo, byte[] body) {
        ByteBuffer out = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 'l').put(type).put((byte) 0).put((byte) 1);
        out.putInt(body.length).putInt(9).putInt(8);
        out.put((byte) 5).put((byte) 1).put((byte) 'u').put((byte) 0).putInt(replyTo);
        return out.put(body).flip();
    }

    private static void line(SocketChannel channel) throws IOException {
        while (FakeServer.read(channel, 1).get() != '\n') {
            Thread.onSpinWait();
        }
    }
}
