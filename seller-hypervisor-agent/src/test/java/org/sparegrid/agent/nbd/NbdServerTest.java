// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.testsupport.Property;

class NbdServerTest {
    private static final int SIZE_BYTES = 2_000_000;

    /// Reads from here on fail, and those from the second on wait.
    private static final int BROKEN_AT = 1_500_000;

    private static final int SLOW_AT = 1_700_000;

    @TempDir Path folder;

    private final byte[] content = new byte[SIZE_BYTES];
    private final CountDownLatch slow = new CountDownLatch(1);
    private Path socket = Path.of("/");
    private AutoCloseable server = () -> {};

    @BeforeEach
    void serve() throws IOException {
        new Random(1).nextBytes(content);
        socket = folder.resolve("s");
        server = NbdServer.open(socket, new Bytes());
    }

    @AfterEach
    void stop() throws Exception {
        slow.countDown();
        server.close();
    }

    private final class Bytes implements NbdExport {
        @Override
        public long sizeBytes() {
            return SIZE_BYTES;
        }

        @Override
        public void read(ByteBuffer into, long offsetBytes)
                throws IOException, InterruptedException {
            if (offsetBytes >= SLOW_AT) {
                slow.await();
            } else if (offsetBytes >= BROKEN_AT) {
                throw new IOException("broken");
            }
            into.put(content, (int) offsetBytes, into.remaining());
        }
    }

    private byte[] part(int from, int length) {
        return Arrays.copyOfRange(content, from, from + length);
    }

    @Test
    void tellsWhatItServesAndServesIt() throws Exception {
        try (NbdClient client = new NbdClient(socket)) {
            client.send(ByteBuffer.allocate(4).putInt(3));
            client.option(Nbd.OPTION_LIST, ByteBuffer.allocate(0));
            assertThat(new String(client.reply().data(), StandardCharsets.UTF_8)).endsWith("disc");
            assertThat(client.reply().type()).isEqualTo(Nbd.ACK);
            client.option(8, ByteBuffer.allocate(0));
            assertThat(client.reply().type()).as("structured replies").isEqualTo(Nbd.UNSUPPORTED);
            client.go("other");
            assertThat(client.reply().type()).isEqualTo(Nbd.UNKNOWN);
            client.go("disc");
            ByteBuffer export = ByteBuffer.wrap(client.reply().data());
            assertThat(export.getLong(2)).isEqualTo(SIZE_BYTES);
            assertThat(export.getShort(10) & 2).as("read-only").isEqualTo(2);
            ByteBuffer blocks = ByteBuffer.wrap(client.reply().data());
            assertThat(blocks.getInt(10)).isEqualTo(Nbd.READ_BYTES_MAX);
            assertThat(client.reply().type()).isEqualTo(Nbd.ACK);
            assertThat(client.read(7, 100_000)).isEqualTo(part(7, 100_000));
            client.ask(Nbd.DISCONNECT, 0, 0);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void speaksToThoseWhoOnlyNameTheExport() throws Exception {
        try (NbdClient client = new NbdClient(socket)) {
            client.send(ByteBuffer.allocate(4).putInt(1));
            client.option(
                    Nbd.OPTION_EXPORT_NAME,
                    ByteBuffer.allocate(4).put("disc".getBytes(StandardCharsets.UTF_8)));
            assertThat(client.read(10 + 124).getLong()).isEqualTo(SIZE_BYTES);
            assertThat(client.read(SIZE_BYTES - 600_000, 5)).isEqualTo(part(1_400_000, 5));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 22",
        "0, 524289, 22",
        "1999999, 2, 22",
        "-1, 10, 22",
        "9223372036854775807, 10, 22",
        "1500000, 10, 5",
    })
    void refusesAReadThatItCantAnswer(long offset, int length, int error) throws Exception {
        try (NbdClient client = NbdClient.reading(socket)) {
            client.ask(Nbd.READ, offset, length);
            assertThat(client.error()).isEqualTo(error);
            assertThat(client.read(0, 10)).as("and goes on").isEqualTo(part(0, 10));
        }
    }

    @Test
    void endsWithWhoWrites() throws Exception {
        try (NbdClient client = NbdClient.reading(socket)) {
            client.ask(Nbd.WRITE, 0, 512);
            assertThat(client.error()).isEqualTo(Nbd.NOT_PERMITTED);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void answersOneReadWhileAnotherWaits() throws Exception {
        try (NbdClient client = NbdClient.reading(socket)) {
            client.ask(Nbd.READ, SLOW_AT, 10);
            assertThat(client.read(50, 10)).isEqualTo(part(50, 10));
            slow.countDown();
            assertThat(client.error()).isZero();
            assertThat(client.read(10).array()).isEqualTo(part(SLOW_AT, 10));
        }
    }

    @Test
    void givesOneClientSoManyReadsAndNoMore() throws Exception {
        try (NbdClient greedy = NbdClient.reading(socket);
                NbdClient other = NbdClient.reading(socket)) {
            for (int i = 0; i < 8; i++) {
                greedy.ask(Nbd.READ, SLOW_AT, 10);
            }
            greedy.ask(Nbd.READ, 0, 10);
            assertThat(other.read(0, 10)).isEqualTo(part(0, 10));
            slow.countDown();
            for (int i = 0; i < 9; i++) {
                assertThat(greedy.error()).isZero();
                greedy.read(10);
            }
        }
    }

    @Test
    void servesAgainWhereAnEarlierRunDid() throws Exception {
        server.close();
        server = NbdServer.open(socket, new Bytes());
        try (NbdClient client = NbdClient.reading(socket)) {
            assertThat(client.read(3, 3)).isEqualTo(part(3, 3));
        }
    }

    @Test
    void outlivesAnyBytes() throws Exception {
        Property.holds(
                200,
                random -> {
                    byte[] any = new byte[1 + random.nextInt(200)];
                    random.nextBytes(any);
                    ByteBuffer bytes = ByteBuffer.allocate(500);
                    if (random.nextBoolean()) {
                        bytes.putInt(3);
                    }
                    if (bytes.position() > 0 && random.nextBoolean()) {
                        bytes.putLong(Nbd.OPTION).putInt(random.nextInt(10)).putInt(any.length);
                    }
                    try (NbdClient client = new NbdClient(socket)) {
                        client.send(bytes.put(any));
                    } catch (IOException refused) {
                        assertThat(refused).isNotNull();
                    }
                });
        try (NbdClient client = NbdClient.reading(socket)) {
            assertThat(client.read(0, 10)).isEqualTo(part(0, 10));
        }
    }
}
