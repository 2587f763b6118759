// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Asks the name server of this computer what members of the network ask of their gateway.
final class UpstreamNames {
    private static final System.Logger LOG = System.getLogger(UpstreamNames.class.getName());

    /// Questions under way at once; one that comes while so many wait is not answered, and its
    /// asker tries again.
    private static final int WAITING_MAX = 64;

    private static final int TIMEOUT_MILLIS = 4_000;
    private static final int HEADER_LENGTH = 12;

    /// What fits into every network's packets; a longer answer is cut off and marked as such.
    private static final int ANSWER_MAX = 1_232;

    private static final Path SETTINGS = Path.of("/etc/resolv.conf");

    private final Semaphore free = new Semaphore(WAITING_MAX);

    /// Asks, and hands over the answer if there is one in time, from another thread.
    void ask(byte[] question, Consumer<byte[]> answered) {
        if (question.length < HEADER_LENGTH || !free.tryAcquire()) {
            return;
        }
        Thread.ofVirtual()
                .name("names")
                .start(() -> {
                    try {
                        Optional<InetAddress> server = server();
                        if (server.isPresent()) {
                            answered.accept(fit(ask(question, server.get())));
                        }
                    } catch (IOException unanswered) {
                        LOG.log(Level.DEBUG, () -> "name server is silent cause=" + unanswered);
                    } finally {
                        free.release();
                    }
                });
    }

    /// The first name server of this computer.
    private static Optional<InetAddress> server() throws IOException {
        for (String line : Files.readAllLines(SETTINGS)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > 1 && words[0].equals("nameserver")) {
                try {
                    return Optional.of(InetAddress.ofLiteral(words[1]));
                } catch (IllegalArgumentException noAddress) {
                    throw new IOException(SETTINGS + ": expected an address, got " + words[1]);
                }
            }
        }
        return Optional.empty();
    }

    private static byte[] ask(byte[] question, InetAddress server) throws IOException {
        byte[] buffer = new byte[4096];
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(server, 53);
            socket.send(new DatagramPacket(question, question.length));
            DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
            do {
                socket.receive(answer);
            } while (answer.getLength() < HEADER_LENGTH
                    || buffer[0] != question[0]
                    || buffer[1] != question[1]);
            return Arrays.copyOf(buffer, answer.getLength());
        }
    }

    /// Cuts an answer that is too long down to its header, which then says so.
    private static byte[] fit(byte[] answer) {
        if (answer.length <= ANSWER_MAX) {
            return answer;
        }
        byte[] cut = Arrays.copyOf(answer, HEADER_LENGTH);
        cut[2] |= 2;
        Arrays.fill(cut, 4, HEADER_LENGTH, (byte) 0);
        return cut;
    }
}
