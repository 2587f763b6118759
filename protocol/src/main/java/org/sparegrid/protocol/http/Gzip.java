// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// The content coding gzip, for bodies that it makes shorter by a tenth at least. Source: RFC 9110,
/// section 8.4.
public final class Gzip {
    /// Its name in `Content-Encoding` and `Accept-Encoding`.
    public static final String NAME = "gzip";

    /// What most bodies are is seen in so many samples: images are compressed already.
    private static final int SAMPLES = 16;

    private static final int SAMPLE_BYTES = 512;

    private Gzip() {}

    /// The body coded, or nothing if that saves less than a tenth.
    public static Optional<byte[]> code(byte[] body) {
        if (!isWorthwhile(body)) {
            return Optional.empty();
        }
        ByteArrayOutputStream coded = new ByteArrayOutputStream(body.length / 2);
        try (GZIPOutputStream out = new GZIPOutputStream(coded)) {
            out.write(body);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory failed", impossible);
        }
        return isShorter(coded.size(), body.length)
                ? Optional.of(coded.toByteArray())
                : Optional.empty();
    }

    /// The body that was coded.
    ///
    /// @param lengthMax the most bytes that it may have
    /// @throws IOException if it has more, or `coded` isn't what gzip makes
    public static byte[] decode(byte[] coded, int lengthMax) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(coded))) {
            byte[] body = in.readNBytes(lengthMax);
            if (in.read() >= 0) {
                throw new IOException("gzip: more than " + lengthMax + " bytes");
            }
            return body;
        }
    }

    /// Whether a client takes the coding.
    ///
    /// @param acceptEncoding the header, or an empty text if there was none
    public static boolean isAccepted(String acceptEncoding) {
        for (String part : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] words = part.strip().split("\\s*;\\s*", -1);
            if (words[0].equals(NAME)) {
                return words.length == 1 || !words[1].matches("q=0(\\.0{0,3})?");
            }
        }
        return false;
    }

    private static boolean isWorthwhile(byte[] body) {
        int sampled = SAMPLES * SAMPLE_BYTES;
        if (body.length <= 2 * sampled) {
            return true;
        }
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            byte[] samples = new byte[sampled];
            int step = (body.length - SAMPLE_BYTES) / (SAMPLES - 1);
            for (int i = 0; i < SAMPLES; i++) {
                System.arraycopy(body, i * step, samples, i * SAMPLE_BYTES, SAMPLE_BYTES);
            }
            deflater.setInput(samples);
            deflater.finish();
            return isShorter(deflater.deflate(new byte[2 * sampled]), sampled);
        } finally {
            deflater.end();
        }
    }

    private static boolean isShorter(long coded, long plain) {
        return coded * 10 <= plain * 9;
    }
}
