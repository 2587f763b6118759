// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// What the processor of this computer can do.
public final class Processor {
    private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");

    private Processor() {}

    /// Whether it has instructions for AES and for the multiplication of GCM, without which
    /// AES-256-GCM is slower than ChaCha20-Poly1305, or leaks keys through the cache.
    public static boolean hasAesGcm() {
        try {
            return hasAesGcm(Files.readAllLines(DESCRIPTION));
        } catch (IOException unknown) {
            return false;
        }
    }

    static boolean hasAesGcm(List<String> description) {
        for (String line : description) {
            String[] parts = line.split(":", 2);
            if (parts.length == 2 && Set.of("flags", "Features").contains(parts[0].strip())) {
                List<String> flags = List.of(parts[1].strip().split("\\s+"));
                return flags.contains("aes")
                        && (flags.contains("pclmulqdq") || flags.contains("pmull"));
            }
        }
        return false;
    }
}
