// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sparegrid.agent.identity.TestAuthority;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.protocol.http.Gzip;

/// Chunks from a coordinator, over real TLS on the loopback.
class CoordinatorImagesTest {
    private static final byte[] CHUNK = new byte[ChunkReference.LENGTH_BYTES_MAX];
    private static final Sha256Digest NAME = Sha256Digest.ofContent(CHUNK);

    /// What the coordinator answers with.
    private record Answer(int status, String coding, byte[] body) {}

    private final Deque<Answer> answers = new ArrayDeque<>();
    private final TestAuthority authority = new TestAuthority();
    private final HttpsServer server =
            HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);

    private CoordinatorImages images;

    CoordinatorImagesTest() throws Exception {}

    @BeforeEach
    void serve() throws Exception {
        server.setHttpsConfigurator(new HttpsConfigurator(authority.serverContext()));
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        Answer answer = answers.removeFirst();
                        if (!answer.coding().isEmpty()) {
                            assertThat(
                                            Gzip.isAccepted(
                                                    exchange.getRequestHeaders()
                                                            .getFirst("Accept-Encoding")))
                                    .isTrue();
                            exchange.getResponseHeaders().set("Content-Encoding", answer.coding());
                        }
                        exchange.sendResponseHeaders(answer.status(), answer.body().length);
                        exchange.getResponseBody().write(answer.body());
                    }
                });
        server.start();
        URI uri = URI.create("https://localhost:" + server.getAddress().getPort());
        images = new CoordinatorImages(authority.agent(uri));
    }

    @AfterEach
    void stop() {
        images.close();
        server.stop(0);
    }

    @Test
    void takesChunksAsTheyAreAndInGzip() throws Exception {
        byte[] coded = Gzip.code(CHUNK).orElseThrow();
        answers.addAll(List.of(new Answer(200, "", CHUNK), new Answer(200, "gzip", coded)));
        assertThat(images.fetch(NAME)).isEqualTo(ByteBuffer.wrap(CHUNK));
        assertThat(images.fetch(NAME)).isEqualTo(ByteBuffer.wrap(CHUNK));
    }

    @Test
    void asksAgainForWhatIsNotGzipOrTooLong() throws Exception {
        byte[] bomb = Gzip.code(new byte[100 * CHUNK.length]).orElseThrow();
        answers.addAll(
                List.of(
                        new Answer(200, "gzip", CHUNK),
                        new Answer(200, "gzip", bomb),
                        new Answer(200, "", CHUNK)));
        assertThat(images.fetch(NAME)).isEqualTo(ByteBuffer.wrap(CHUNK));
    }
}
