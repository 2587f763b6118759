// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.desktop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/// A connection to an X server that asks only for the time since the last input and for the state
/// of the active window.
///
/// Source: X Window System Protocol, X.Org; X11 Screen Saver Extension, section 4.
public final class XDisplay implements AutoCloseable {
    private static final int QUERY_EXTENSION = 98;
    private static final int INTERN_ATOM = 16;
    private static final int GET_PROPERTY = 20;
    private static final int SCREEN_SAVER_QUERY_INFO = 1;
    private static final int REPLY_BYTES = 32;

    /// More than any answer to our questions holds, in bytes.
    private static final int EXTRA_BYTES_MAX = 1 << 20;

    private final UnixStream stream;
    private final int root;
    private final int screenSaver;
    private int fullScreenAtom;
    private int stateAtom;
    private int activeAtom;

    private XDisplay(UnixStream stream) throws IOException {
        this.stream = stream;
        this.root = setUp();
        this.screenSaver = extension("MIT-SCREEN-SAVER");
    }

    /// Connects to a display.
    ///
    /// @param socket such as `/tmp/.X11-unix/X0`
    /// @param authority the file with the display's secret; it need not exist
    /// @throws IOException if the server does not let us in or lacks the extension
    public static XDisplay connect(Path socket, Path authority) throws IOException {
        UnixStream stream = UnixStream.connect(socket);
        try {
            String number = String.valueOf(socket.getFileName()).substring(1);
            stream.write(hello(XAuthority.cookie(authority, number)));
            return new XDisplay(stream);
        } catch (IOException | RuntimeException refused) {
            stream.close();
            throw refused;
        }
    }

    /// How long ago the last key was pressed or the mouse moved.
    public Duration idle() throws IOException {
        ByteBuffer request = request(screenSaver, SCREEN_SAVER_QUERY_INFO, 8);
        request.putInt(root);
        ByteBuffer reply = ask(request);
        return Duration.ofMillis(Integer.toUnsignedLong(reply.getInt(16)));
    }

    /// Whether the active window fills the screen.
    public boolean isFullScreen() throws IOException {
        if (activeAtom == 0) {
            activeAtom = atom("_NET_ACTIVE_WINDOW");
            stateAtom = atom("_NET_WM_STATE");
            fullScreenAtom = atom("_NET_WM_STATE_FULLSCREEN");
        }
        ByteBuffer active = property(root, activeAtom);
        if (active.remaining() < 4 || active.getInt(0) == 0) {
            return false;
        }
        ByteBuffer states = property(active.getInt(0), stateAtom);
        while (states.remaining() >= 4) {
            if (states.getInt() == fullScreenAtom) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }

    private static ByteBuffer hello(byte[] cookie) {
        byte[] name =
                cookie.length == 0
                        ? new byte[0]
                        : "MIT-MAGIC-COOKIE-1".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer hello = little(12 + padded(name.length) + padded(cookie.length));
        hello.put((byte) 'l').put((byte) 0).putShort((short) 11).putShort((short) 0);
        hello.putShort((short) name.length).putShort((short) cookie.length).putShort((short) 0);
        hello.put(name).position(12 + padded(name.length));
        hello.put(cookie);
        return hello.rewind();
    }

    private int setUp() throws IOException {
        ByteBuffer head = stream.read(8);
        int more = Short.toUnsignedInt(head.getShort(6)) * 4;
        ByteBuffer rest = stream.read(more);
        if (head.get(0) != 1) {
            byte[] words = new byte[Math.min(Byte.toUnsignedInt(head.get(1)), more)];
            rest.get(words);
            throw new IOException(
                    "the X server refused us: " + new String(words, StandardCharsets.ISO_8859_1));
        }
        int vendor = Short.toUnsignedInt(rest.getShort(16));
        int formats = Byte.toUnsignedInt(rest.get(21));
        int screen = 32 + padded(vendor) + formats * 8;
        if (more < screen + 4) {
            throw new IOException("the X server has no screen");
        }
        return rest.getInt(screen);
    }

    private int extension(String name) throws IOException {
        ByteBuffer request = named(QUERY_EXTENSION, 0, name);
        ByteBuffer reply = ask(request);
        if (reply.get(8) == 0) {
            throw new IOException("the X server lacks " + name);
        }
        return Byte.toUnsignedInt(reply.get(9));
    }

    private int atom(String name) throws IOException {
        return ask(named(INTERN_ATOM, 0, name)).getInt(8);
    }

    private ByteBuffer property(int window, int atom) throws IOException {
        ByteBuffer request = request(GET_PROPERTY, 0, 24);
        request.putInt(window).putInt(atom).putInt(0).putInt(0).putInt(64);
        ByteBuffer reply = ask(request);
        int bytes = Byte.toUnsignedInt(reply.get(1)) / 8 * reply.getInt(16);
        int end = Math.max(REPLY_BYTES, Math.min(reply.limit(), REPLY_BYTES + bytes));
        return reply.position(REPLY_BYTES).limit(end).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer named(int opcode, int data, String name) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer request = request(opcode, data, 8 + padded(text.length));
        return request.putShort((short) text.length).putShort((short) 0).put(text);
    }

    private static ByteBuffer request(int opcode, int data, int bytes) {
        return little(bytes).put((byte) opcode).put((byte) data).putShort((short) (bytes / 4));
    }

    private ByteBuffer ask(ByteBuffer request) throws IOException {
        stream.write(request.rewind());
        while (true) {
            ByteBuffer head = stream.read(REPLY_BYTES);
            if (head.get(0) == 0) {
                // A window may vanish between two questions: an answer like any other.
                if (head.get(10) == GET_PROPERTY) {
                    return little(REPLY_BYTES);
                }
                throw new IOException("the X server answers error " + head.get(1));
            }
            if (head.get(0) == 1) {
                long extra = Integer.toUnsignedLong(head.getInt(4)) * 4;
                if (extra > EXTRA_BYTES_MAX) {
                    throw new IOException("the X server answers " + extra + " bytes");
                }
                ByteBuffer whole = little(REPLY_BYTES + (int) extra).put(head);
                return whole.put(stream.read((int) extra)).rewind();
            }
            // Anything else is an event, such as a change of the keyboard; we asked for none.
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int padded(int length) {
        return (length + 3) / 4 * 4;
    }

    /// Where the display's secret usually is.
    public static Path authority(java.util.Map<String, String> environment) {
        String named = environment.getOrDefault("XAUTHORITY", "");
        return named.isEmpty()
                ? Path.of(environment.getOrDefault("HOME", "/"), ".Xauthority")
                : Path.of(named);
    }
}
