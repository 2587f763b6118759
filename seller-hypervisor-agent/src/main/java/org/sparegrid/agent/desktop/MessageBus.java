// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.sparegrid.agent.process.Kernel;

/// A connection to a D-Bus message bus that calls methods and reads properties.
///
/// Source: D-Bus Specification 0.43, sections "Message Protocol" and "Authentication Protocol".
public final class MessageBus implements AutoCloseable {
    private static final int METHOD_CALL = 1;
    private static final int METHOD_RETURN = 2;
    private static final int ERROR = 3;
    private static final int FIELDS_AT = 16;

    /// More than any of our answers, in bytes.
    private static final int MESSAGE_BYTES_MAX = 1 << 20;

    /// Signals that may come before an answer.
    private static final int MESSAGES_MAX = 100;

    private static final byte PATH = 1;
    private static final byte INTERFACE = 2;
    private static final byte MEMBER = 3;
    private static final byte REPLY_SERIAL = 5;
    private static final byte DESTINATION = 6;
    private static final byte SIGNATURE = 8;

    private final UnixStream stream;
    private int serial;

    private MessageBus(UnixStream stream) {
        this.stream = stream;
    }

    /// Connects to the bus that listens at `socket`, as this user.
    public static MessageBus connect(Path socket) throws IOException {
        UnixStream stream = UnixStream.connect(socket);
        try {
            MessageBus bus = new MessageBus(stream);
            bus.authenticate();
            bus.call(
                    "org.freedesktop.DBus",
                    "/org/freedesktop/DBus",
                    "org.freedesktop.DBus",
                    "Hello");
            return bus;
        } catch (IOException | RuntimeException refused) {
            stream.close();
            throw refused;
        }
    }

    /// The system's bus.
    public static Path system() {
        return Path.of("/run/dbus/system_bus_socket");
    }

    /// The session bus of this user, if the environment or the usual place knows one.
    public static Path session(Map<String, String> environment) {
        for (String address :
                environment.getOrDefault("DBUS_SESSION_BUS_ADDRESS", "").split(";", -1)) {
            for (String part : address.split("[:,]", -1)) {
                if (address.startsWith("unix:") && part.startsWith("path=")) {
                    return Path.of(part.substring("path=".length()));
                }
            }
        }
        return Path.of("/run/user/" + Kernel.userId() + "/bus");
    }

    /// Calls a method whose arguments are texts.
    ///
    /// @return the answer's body, from its beginning
    /// @throws IOException if nobody answers or the answer is an error
    public ByteBuffer call(
            String destination, String path, String type, String method, String... arguments)
            throws IOException {
        serial++;
        stream.write(message(destination, path, type, method, arguments));
        for (int i = 0; i < MESSAGES_MAX; i++) {
            Optional<ByteBuffer> body = answer(method);
            if (body.isPresent()) {
                return body.get();
            }
        }
        throw new IOException("D-Bus: no answer to " + method);
    }

    /// A property that is a number or a truth value.
    public long property(String destination, String path, String type, String name)
            throws IOException {
        ByteBuffer body =
                call(destination, path, "org.freedesktop.DBus.Properties", "Get", type, name);
        int length = Byte.toUnsignedInt(body.get());
        char kind = (char) body.get();
        body.position(body.position() + length);
        return switch (kind) {
            case 'y' -> Byte.toUnsignedLong(body.get());
            case 'b', 'u' -> Integer.toUnsignedLong(align(body, 4).getInt());
            case 'i' -> align(body, 4).getInt();
            case 't', 'x' -> align(body, 8).getLong();
            case 'd' -> Math.round(align(body, 8).getDouble());
            default -> throw new IOException("D-Bus: " + name + " has type " + kind);
        };
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }

    private void authenticate() throws IOException {
        String user = HexFormat.of().formatHex(ascii(String.valueOf(Kernel.userId())));
        stream.write(ByteBuffer.wrap(ascii("\0AUTH EXTERNAL " + user + "\r\n")));
        String answer = line();
        if (!answer.startsWith("OK ")) {
            throw new IOException("D-Bus: not let in: " + answer);
        }
        stream.write(ByteBuffer.wrap(ascii("BEGIN\r\n")));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 500) {
            char next = (char) stream.read(1).get();
            if (next == '\n') {
                return line.toString().strip();
            }
            line.append(next);
        }
        throw new IOException("D-Bus: no end of line");
    }

    private ByteBuffer message(
            String destination, String path, String type, String method, String... arguments) {
        ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        out.put((byte) 'l').put((byte) METHOD_CALL).put((byte) 0).put((byte) 1);
        out.putInt(0).putInt(serial).putInt(0);
        field(out, PATH, 'o', path);
        field(out, INTERFACE, 's', type);
        field(out, MEMBER, 's', method);
        field(out, DESTINATION, 's', destination);
        if (arguments.length > 0) {
            align(out, 8).put(SIGNATURE).put((byte) 1).put((byte) 'g').put((byte) 0);
            out.put((byte) arguments.length).put(ascii("s".repeat(arguments.length)));
            out.put((byte) 0);
        }
        out.putInt(12, out.position() - FIELDS_AT);
        int body = align(out, 8).position();
        for (String argument : arguments) {
            text(align(out, 4), argument);
        }
        out.putInt(4, out.position() - body);
        return out.flip();
    }

    private static void field(ByteBuffer out, byte code, char type, String value) {
        align(out, 8).put(code).put((byte) 1).put((byte) type).put((byte) 0);
        text(align(out, 4), value);
    }

    private static void text(ByteBuffer out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.putInt(bytes.length).put(bytes).put((byte) 0);
    }

    /// The body of the next message, if it answers our last call.
    private Optional<ByteBuffer> answer(String method) throws IOException {
        ByteBuffer head = stream.read(FIELDS_AT);
        if (head.get(0) != 'l') {
            throw new IOException("D-Bus: an answer is big-endian");
        }
        long bodyBytes = Integer.toUnsignedLong(head.getInt(4));
        long fieldBytes = (Integer.toUnsignedLong(head.getInt(12)) + 7) / 8 * 8;
        if (bodyBytes + fieldBytes > MESSAGE_BYTES_MAX) {
            throw new IOException("D-Bus: a message is too long");
        }
        ByteBuffer fields = stream.read((int) fieldBytes);
        ByteBuffer body = stream.read((int) bodyBytes);
        int type = head.get(1);
        boolean answers = type == METHOD_RETURN || type == ERROR;
        try {
            if (!answers || replySerial(fields) != serial) {
                return Optional.empty();
            }
        } catch (BufferUnderflowException cut) {
            throw new IOException("D-Bus: a header is cut off", cut);
        }
        if (type == ERROR) {
            throw new IOException("D-Bus: " + method + " is refused" + words(body));
        }
        return Optional.of(body);
    }

    private static String words(ByteBuffer body) {
        int length = body.remaining() < 5 ? 0 : body.getInt();
        if (length <= 0 || length > body.remaining() || length > 300) {
            return "";
        }
        byte[] text = new byte[length];
        body.get(text);
        return ": " + new String(text, StandardCharsets.UTF_8);
    }

    private static int replySerial(ByteBuffer fields) throws IOException {
        while (fields.remaining() >= 8) {
            align(fields, 8);
            byte code = fields.get();
            fields.get();
            char type = (char) fields.get();
            fields.get();
            switch (type) {
                case 'u' -> {
                    int value = align(fields, 4).getInt();
                    if (code == REPLY_SERIAL) {
                        return value;
                    }
                }
                case 's', 'o' -> skip(fields, align(fields, 4).getInt() + 1);
                case 'g' -> skip(fields, Byte.toUnsignedInt(fields.get()) + 1);
                default ->
                        throw new IOException(
                                String.format(Locale.ROOT, "D-Bus: a field has type %c", type));
            }
        }
        return -1;
    }

    private static void skip(ByteBuffer in, int bytes) throws IOException {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new IOException("D-Bus: a field is cut off");
        }
        in.position(in.position() + bytes);
    }

    private static ByteBuffer align(ByteBuffer buffer, int bytes) {
        int next = (buffer.position() + bytes - 1) / bytes * bytes;
        return buffer.position(Math.min(next, buffer.limit()));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
