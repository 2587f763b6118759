// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.sparegrid.imagetools.chunk.ChunkReference;
import org.sparegrid.imagetools.chunk.Chunker;
import org.sparegrid.imagetools.chunk.FileIndex;
import org.sparegrid.imagetools.chunk.Sha256Digest;

/// What changes from one image to another, and what of it has to be sent.
///
/// @param newChunks how many chunks of the second image the first one lacks
/// @param newBytes their bytes: what `image push` sends if the first one is there
/// @param sizeBytes of the second image
/// @param changes by path
public record ImageComparison(int newChunks, long newBytes, long sizeBytes, List<Change> changes) {
    /// Hard links apart, an image's files together are smaller than the image.
    private static final int OVERLAP_MAX = 4;

    public ImageComparison {
        changes = List.copyOf(changes);
    }

    /// What became of a file.
    public enum Kind {
        /// Only the second image has it.
        ADDED,
        /// Only the first image has it.
        REMOVED,
        /// Its bytes differ.
        CHANGED
    }

    /// A file that differs.
    ///
    /// @param sizeBytes in the second image, or in the first if it was removed
    public record Change(Kind kind, String path, long sizeBytes) {}

    /// Compares the ISO files `before` and `after`.
    ///
    /// @throws IsoFormatException if one of them is no sound image
    public static ImageComparison of(Path before, Path after)
            throws IOException, IsoFormatException {
        List<Change> changes = changes(IsoImage.read(before), IsoImage.read(after));
        Set<Sha256Digest> known = new HashSet<>();
        Chunker.index(before).chunks().forEach(chunk -> known.add(chunk.digest()));
        FileIndex index = Chunker.index(after);
        int newChunks = 0;
        long newBytes = 0;
        for (ChunkReference chunk : index.chunks()) {
            if (known.add(chunk.digest())) {
                newChunks++;
                newBytes += chunk.lengthBytes();
            }
        }
        return new ImageComparison(newChunks, newBytes, index.sizeBytes(), changes);
    }

    private static List<Change> changes(IsoImage before, IsoImage after)
            throws IOException, IsoFormatException {
        Map<String, IsoEntry> old = files(before);
        Map<String, IsoEntry> fresh = files(after);
        Set<String> paths = new TreeSet<>(old.keySet());
        paths.addAll(fresh.keySet());
        List<Change> changes = new ArrayList<>();
        for (String path : paths) {
            IsoEntry was = old.get(path);
            IsoEntry is = fresh.get(path);
            if (was == null && is != null) {
                changes.add(new Change(Kind.ADDED, path, is.sizeBytes()));
            } else if (was != null && is == null) {
                changes.add(new Change(Kind.REMOVED, path, was.sizeBytes()));
            } else if (was != null && is != null && differ(before, was, after, is)) {
                changes.add(new Change(Kind.CHANGED, path, is.sizeBytes()));
            }
        }
        return changes;
    }

    private static boolean differ(IsoImage before, IsoEntry was, IsoImage after, IsoEntry is)
            throws IOException {
        return was.sizeBytes() != is.sizeBytes() || !before.digest(was).equals(after.digest(is));
    }

    private static Map<String, IsoEntry> files(IsoImage image) throws IsoFormatException {
        Map<String, IsoEntry> files = new HashMap<>();
        long sumBytes = 0;
        for (IsoEntry entry : image.entries()) {
            if (entry.kind() == IsoEntry.Kind.FILE) {
                files.put(entry.path(), entry);
                sumBytes += entry.sizeBytes();
            }
        }
        if (sumBytes / OVERLAP_MAX > image.sizeBytes()) {
            throw new IsoFormatException(
                    "the files have "
                            + sumBytes
                            + " bytes together, in an image of "
                            + image.sizeBytes()
                            + "; they lie over one another");
        }
        return files;
    }
}
