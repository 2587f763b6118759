// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.benchmark;

import java.nio.ByteBuffer;

/// Copies more memory than processors keep at hand.
final class MemorySpeed implements AutoCloseable {
    private static final int BYTES = 64 << 20;
    private static final int MEBIBYTES = BYTES >> 20;

    private ByteBuffer from = ByteBuffer.allocateDirect(BYTES);
    private ByteBuffer to = ByteBuffer.allocateDirect(BYTES);

    /// Mebibytes a second.
    double once() {
        long begin = System.nanoTime();
        to.put(0, from, 0, BYTES);
        return MEBIBYTES * 1e9 / Math.max(1, System.nanoTime() - begin);
    }

    @Override
    public void close() {
        from = ByteBuffer.allocate(0);
        to = ByteBuffer.allocate(0);
    }
}
