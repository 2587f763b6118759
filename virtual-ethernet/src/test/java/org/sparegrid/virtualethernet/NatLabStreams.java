// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.sparegrid.testsupport.Command;
import org.sparegrid.virtualethernet.relay.StreamMessage;
import org.sparegrid.virtualethernet.wire.WireFormatException;

/// What the coordinator does in the lab: TLS 443 with WebSockets that lead to the relay, and an
/// answer to all other questions.
final class NatLabStreams implements AutoCloseable {
    static final char[] PASSWORD = "laboratory".toCharArray();
    private static final String NAME = "lab";
    private static final String WEB_SOCKET_ID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String EMPTY =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private static final int BINARY = 2;
    private static final int CLOSE = 8;

    private final ServerSocket server;
    private final UdpRelay relay;
    private final Predicate<byte[]> passes;

    /// Takes the datagrams that `passes` lets through.
    NatLabStreams(UdpRelay relay, Path keys, int port, Predicate<byte[]> passes)
            throws IOException, GeneralSecurityException {
        this.relay = relay;
        this.passes = passes;
        this.server = tls(keys).getServerSocketFactory().createServerSocket(port);
        Thread.ofVirtual().start(this::accept);
    }

    /// A context that has the lab's one certificate and trusts it.
    static SSLContext tls(Path file) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(NAME, keys.getCertificate(NAME));
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, PASSWORD);
        TrustManagerFactory others = TrustManagerFactory.getInstance("PKIX");
        others.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            OutputStream out = client.getOutputStream();
            Optional<String> key = webSocketKey(in);
            out.write((key.isEmpty() ? EMPTY : welcome(key.get())).getBytes(US_ASCII));
            out.flush();
            if (key.isEmpty()) {
                return;
            }
            var stream = relay.connect(client.getInetAddress(), new Outlet(client)).orElseThrow();
            try {
                DataInputStream frames = new DataInputStream(in);
                while (frame(frames, stream)) {
                    // Until it is closed.
                }
            } finally {
                stream.closed();
            }
        } catch (IOException | GeneralSecurityException | WireFormatException ended) {
            System.getLogger(NatLabStreams.class.getName())
                    .log(System.Logger.Level.DEBUG, "stream ended", ended);
        }
    }

    /// Reads a question; empty if it asks for no WebSocket.
    private static Optional<String> webSocketKey(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the client went away");
            }
            head.write(next);
        }
        return head.toString(US_ASCII)
                .lines()
                .filter(line -> line.regionMatches(true, 0, "Sec-WebSocket-Key:", 0, 18))
                .map(line -> line.substring(18).strip())
                .findFirst();
    }

    /// Source: RFC 6455, section 4.2.2.
    private static String welcome(String key) throws GeneralSecurityException {
        byte[] digest =
                MessageDigest.getInstance("SHA-1").digest((key + WEB_SOCKET_ID).getBytes(US_ASCII));
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + Base64.getEncoder().encodeToString(digest)
                + "\r\n\r\n";
    }

    /// Takes one masked frame; false if it is the last. Source: RFC 6455, section 5.2.
    private boolean frame(DataInputStream in, RelayStreamServer.Stream stream)
            throws IOException, WireFormatException {
        int operation = in.readUnsignedByte() & 15;
        int length = in.readUnsignedByte() & 127;
        length = length == 126 ? in.readUnsignedShort() : length;
        byte[] mask = in.readNBytes(4);
        byte[] bytes = in.readNBytes(length);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= mask[i % 4];
        }
        if (operation == BINARY) {
            Deque<byte[]> kept = new ArrayDeque<>(StreamMessage.divide(bytes));
            kept.removeIf(passes.negate());
            if (!kept.isEmpty()) {
                stream.receive(StreamMessage.join(kept));
            }
        }
        return operation != CLOSE;
    }

    private record Outlet(Socket client) implements RelayStreamServer.Outlet {
        @Override
        public void send(byte[] message) {
            ByteBuffer frame = ByteBuffer.allocate(4 + message.length).put((byte) (128 | BINARY));
            if (message.length < 126) {
                frame.put((byte) message.length);
            } else {
                frame.put((byte) 126).putShort((short) message.length);
            }
            frame.put(message);
            try {
                synchronized (client) {
                    client.getOutputStream().write(frame.array(), 0, frame.position());
                    client.getOutputStream().flush();
                }
            } catch (IOException gone) {
                close();
            }
        }

        @Override
        public void close() {
            try {
                client.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /// Makes a certificate for the relay's addresses and for loopback; returns its file.
    static String newCertificate(Path folder) throws IOException, InterruptedException {
        Path file = folder.resolve("lab.p12");
        Command.run(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "lab",
                "-dname",
                "CN=lab",
                "-ext",
                "san=ip:127.0.0.1,ip:" + NatLab.RELAY + ",ip:" + NatLab.RELAY_IPV6,
                "-storetype",
                "PKCS12",
                "-storepass",
                String.valueOf(PASSWORD),
                "-keystore",
                file.toString());
        return file.toString();
    }
}
