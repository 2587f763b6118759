// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.identity.Identity;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.protocol.ImageId;
import org.sparegrid.protocol.http.Gzip;

/// Fetches from the coordinator over HTTPS, showing this computer's certificate.
public final class CoordinatorImages implements ImageSource, AutoCloseable {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    /// With doubling pauses: 16 s in all.
    private static final int TRIES_MAX = 7;

    private static final Duration PAUSE_FIRST = Duration.ofMillis(250);

    private final URI coordinator;
    private final SSLContext tls;

    /// Made with the first question, which an agent without guests may never have.
    private @Nullable HttpClient client;

    /// Opens no connection yet.
    public CoordinatorImages(Identity identity) throws IOException {
        this.coordinator = identity.coordinator();
        this.tls = identity.tls();
    }

    @Override
    public byte[] manifest(ImageId image) throws IOException {
        return get("/v1/images/" + image + "/manifest", Manifest.BYTES_MAX);
    }

    @Override
    public ByteBuffer fetch(Sha256Digest digest) throws IOException {
        return ByteBuffer.wrap(get("/v1/chunks/" + digest, ChunkReference.LENGTH_BYTES_MAX));
    }

    @Override
    public synchronized void close() {
        HttpClient made = client;
        if (made != null) {
            made.shutdownNow();
        }
    }

    /// Asks again for a while, so that a coordinator that restarts doesn't end a lease.
    private byte[] get(String path, int bytesMax) throws IOException {
        Duration pause = PAUSE_FIRST;
        for (int tries = 1; ; tries++) {
            try {
                return getOnce(path, bytesMax);
            } catch (StoreRefusalException no) {
                throw no;
            } catch (IOException passing) {
                if (tries == TRIES_MAX || Thread.currentThread().isInterrupted()) {
                    throw passing;
                }
                pause(path, pause);
                pause = pause.multipliedBy(2);
            }
        }
    }

    private static void pause(String path, Duration pause) throws IOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(path + ": interrupted", stop);
        }
    }

    private byte[] getOnce(String path, int bytesMax) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(coordinator.resolve(path))
                        .timeout(ANSWER_MAX)
                        .header("Accept-Encoding", Gzip.NAME)
                        .build();
        try {
            HttpResponse<InputStream> answer =
                    client().send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                int status = answer.statusCode();
                if (status >= 400 && status < 500 && status != 429) {
                    throw new StoreRefusalException(path + ": HTTP status " + status);
                }
                if (status != 200) {
                    throw new IOException(path + ": HTTP status " + answer.statusCode());
                }
                byte[] bytes = body.readNBytes(bytesMax + 1);
                if (bytes.length > bytesMax) {
                    throw new StoreRefusalException(path + ": longer than " + bytesMax + " bytes");
                }
                return answer.headers().firstValue("Content-Encoding").isPresent()
                        ? Gzip.decode(bytes, bytesMax)
                        : bytes;
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(path + ": interrupted", stop);
        }
    }

    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made =
                    HttpClient.newBuilder()
                            .sslContext(tls)
                            .connectTimeout(Duration.ofSeconds(10))
                            .version(HttpClient.Version.HTTP_1_1)
                            .build();
            client = made;
        }
        return made;
    }
}
