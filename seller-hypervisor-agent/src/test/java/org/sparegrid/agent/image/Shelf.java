// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;
import org.sparegrid.imagetools.iso.BootMode;
import org.sparegrid.imagetools.manifest.ImageKeys;
import org.sparegrid.imagetools.manifest.Manifest;
import org.sparegrid.imagetools.manifest.Origin;
import org.sparegrid.imagetools.manifest.SignedManifest;
import org.sparegrid.protocol.ImageId;

/// What a coordinator has; counts what is fetched.
public final class Shelf implements ImageSource {
    /// By their digests.
    public final Map<Sha256Digest, byte[]> chunks = new ConcurrentHashMap<>();

    final Map<ImageId, byte[]> manifests = new ConcurrentHashMap<>();
    final AtomicInteger fetched = new AtomicInteger();

    /// The bytes of chunks that left it.
    public final AtomicLong fetchedBytes = new AtomicLong();

    /// How long each fetch takes; they pass one after the other, as on a thin line.
    public volatile long lineNanos;

    private final Object line = new Object();

    /// What was asked for, in that order.
    final List<Sha256Digest> order = Collections.synchronizedList(new ArrayList<>());

    /// Each fetch takes a permit, if this is there.
    volatile @Nullable Semaphore gate;

    volatile int failAfter = Integer.MAX_VALUE;

    /// Cuts an image into chunks, signs it and keeps both.
    public ImageId put(byte[] content, ImageKeys keys) throws IOException {
        FileIndex index =
                Chunker.split(
                        new ByteArrayInputStream(content),
                        (chunk, bytes) -> {
                            byte[] copy = new byte[bytes.remaining()];
                            bytes.get(copy);
                            chunks.put(chunk.digest(), copy);
                        });
        Manifest manifest =
                new Manifest(
                        "test",
                        index,
                        Set.of(BootMode.BIOS),
                        256,
                        new Origin.Foreign(),
                        keys.creator());
        byte[] signed = SignedManifest.sign(manifest, keys).toBytes();
        ImageId id = new ImageId(Sha256Digest.ofContent(signed).toString());
        manifests.put(id, signed);
        return id;
    }

    @Override
    public byte[] manifest(ImageId asked) throws IOException {
        byte[] found = manifests.get(asked);
        if (found == null) {
            throw new IOException("HTTP status 404");
        }
        return found;
    }

    @Override
    public ByteBuffer fetch(Sha256Digest chunk) throws IOException {
        if (fetched.incrementAndGet() > failAfter) {
            throw new IOException("cut");
        }
        order.add(chunk);
        Semaphore now = gate;
        if (now != null) {
            now.acquireUninterruptibly();
        }
        byte[] found = chunks.get(chunk);
        if (found == null) {
            throw new IOException("HTTP status 404");
        }
        if (lineNanos > 0) {
            synchronized (line) {
                LockSupport.parkNanos(lineNanos);
            }
        }
        fetchedBytes.addAndGet(found.length);
        return ByteBuffer.wrap(found.clone());
    }
}
