// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.release;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;

/// Where releases come from: a file, or a server that shows a certificate. What comes is not
/// believed for that; its signature is looked at.
public final class ReleaseSource {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(20);
    private static final Duration SILENT_MAX = Duration.ofSeconds(60);
    private static final long TELL_EVERY_BYTES = 10_000_000;

    private final SSLContext tls;
    private final PrintWriter out;
    private final Duration silentMax;

    /// @param tls whose certificates servers may show
    /// @param out is told how a download comes along
    public ReleaseSource(SSLContext tls, PrintWriter out) {
        this(tls, out, SILENT_MAX);
    }

    ReleaseSource(SSLContext tls, PrintWriter out, Duration silentMax) {
        this.tls = tls;
        this.out = out;
        this.silentMax = silentMax;
    }

    /// Opens a release; the caller closes it.
    ///
    /// @param source a file, or an address that begins with `https://`
    InputStream open(String source) throws IOException, InterruptedException, ReleaseException {
        if (!source.contains("://")) {
            return new BufferedInputStream(Files.newInputStream(Path.of(source)));
        }
        if (!source.startsWith("https://")) {
            throw new ReleaseException(
                    "expected a file or an address with https://, got " + source);
        }
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(tls)
                        .connectTimeout(CONNECT_MAX)
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build()) {
            return download(client, URI.create(source));
        }
    }

    /// Into a file first: a server that is slow keeps no half-read answer open.
    private InputStream download(HttpClient client, URI address)
            throws IOException, InterruptedException, ReleaseException {
        HttpResponse<InputStream> answer =
                client.send(
                        HttpRequest.newBuilder(address).timeout(CONNECT_MAX).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        Path file = Files.createTempFile("sparegrid-release", ".tar");
        try (InputStream body = answer.body()) {
            if (answer.statusCode() != 200) {
                throw new ReleaseException(address + " answers " + answer.statusCode());
            }
            copy(
                    address,
                    body,
                    file,
                    answer.headers().firstValueAsLong("Content-Length").orElse(0));
            return new BufferedInputStream(
                    Files.newInputStream(file, StandardOpenOption.DELETE_ON_CLOSE));
        } catch (IOException | ReleaseException | RuntimeException failed) {
            Files.deleteIfExists(file);
            throw failed;
        }
    }

    private void copy(URI address, InputStream body, Path file, long expected)
            throws IOException, ReleaseException {
        AtomicLong came = new AtomicLong();
        Thread watch = Thread.ofVirtual().start(() -> endIfSilent(body, came));
        try (OutputStream to = Files.newOutputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                to.write(buffer, 0, n);
                long before = came.getAndAdd(n);
                if (came.get() > ReleaseManifest.BYTES_MAX + (4L << 20)) {
                    throw new ReleaseException(
                            address + ": expected at most " + ReleaseManifest.BYTES_MAX + " bytes");
                }
                if (before / TELL_EVERY_BYTES < came.get() / TELL_EVERY_BYTES) {
                    tell(came.get(), expected);
                }
            }
        } catch (IOException failed) {
            throw new IOException(
                    "%s: the download stopped after %d bytes".formatted(address, came.get()),
                    failed);
        } finally {
            watch.interrupt();
        }
    }

    private void tell(long came, long expected) {
        out.printf(
                "downloaded %d%s MB%n",
                came / 1_000_000, expected < came ? "" : " of " + expected / 1_000_000);
        out.flush();
    }

    /// A server that says nothing more would be waited for without an end.
    private void endIfSilent(InputStream body, AtomicLong came) {
        try (body) {
            long before = -1;
            while (came.get() > before) {
                before = came.get();
                Thread.sleep(silentMax);
            }
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            // Whoever reads it learns that, too.
        }
    }
}
