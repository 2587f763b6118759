// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// QEMU's monitor, as far as a test needs it.
///
/// Source: QEMU, QMP specification.
final class QemuMonitor implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final SocketChannel channel;
    private final BufferedReader answers;

    /// Waits until QEMU listens.
    QemuMonitor(Path socket) throws IOException, InterruptedException {
        channel = open(UnixDomainSocketAddress.of(socket));
        answers = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        String greeting = answers.readLine();
        assertThat(greeting).contains("QMP");
        say("qmp_capabilities", "");
    }

    private static SocketChannel open(UnixDomainSocketAddress address)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                return SocketChannel.open(address);
            } catch (IOException notYet) {
                if (System.nanoTime() > end) {
                    throw notYet;
                }
                Thread.sleep(50);
            }
        }
    }

    /// Gives a command and returns its answer.
    String say(String command, String arguments) throws IOException {
        String line = "{\"execute\":\"" + command + "\",\"arguments\":{" + arguments + "}}\n";
        channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        String answer = answers.readLine();
        while (answer != null && answer.contains("\"event\"")) {
            answer = answers.readLine();
        }
        assertThat(answer).as(command).contains("\"return\"");
        return answer;
    }

    /// Asks until the answer has `text` in it.
    void await(String command, String text) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        String answer = say(command, "");
        while (!answer.contains(text)) {
            assertThat(System.nanoTime()).as(answer).isLessThan(end);
            Thread.sleep(50);
            answer = say(command, "");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
