// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet;

import java.net.InetSocketAddress;
import org.sparegrid.virtualethernet.session.DatagramRoom;

/// Datagrams that are made under the lock of an attachment and sent together after it.
///
/// Runs of equal length to one address become one system call, if the system can. Belongs to one
/// thread, or to whoever holds the lock.
final class Burst implements DatagramRoom {
    /// Sends datagrams of equal length, the last one maybe shorter.
    @FunctionalInterface
    interface Sender {
        /// How many of them the network has taken.
        int send(byte[] bytes, int offset, int length, int segmentBytes, InetSocketAddress to);
    }

    /// Room for two full system calls and the datagram that is too much for them.
    private static final int BYTES = 2 * 65_536 + 2048;

    /// What one system call takes: 64 KB less headers.
    private static final int RUN_BYTES_MAX = 65_000;

    /// Datagrams of one call that Linux divides; later versions take more.
    private static final int RUN_COUNT_MAX = 64;

    private static final int RUNS_MAX = 128;

    private final Sender sender;
    private final Runnable lost;
    private final byte[] buffer = new byte[BYTES];
    private final int[] starts = new int[RUNS_MAX];
    private final int[] lengths = new int[RUNS_MAX];
    private final int[] segments = new int[RUNS_MAX];
    private final int[] counts = new int[RUNS_MAX];
    private final boolean[] complete = new boolean[RUNS_MAX];
    private final InetSocketAddress[] targets = new InetSocketAddress[RUNS_MAX];
    private int runs;
    private int used;
    private InetSocketAddress to = new InetSocketAddress(0);

    /// @param lost told of each datagram that the network has not taken
    Burst(Sender sender, Runnable lost) {
        this.sender = sender;
        this.lost = lost;
    }

    @Override
    public int open(int lengthMax, InetSocketAddress target) {
        to = target;
        if (lengthMax > BYTES) {
            throw new IllegalArgumentException("datagram of up to " + lengthMax + " bytes");
        }
        if (used + lengthMax > BYTES || runs == RUNS_MAX) {
            flush();
        }
        return used;
    }

    @Override
    public byte[] buffer() {
        return buffer;
    }

    @Override
    public void close(int length) {
        int last = runs - 1;
        boolean joins =
                last >= 0
                        && !complete[last]
                        && length <= segments[last]
                        && counts[last] < RUN_COUNT_MAX
                        && lengths[last] + length <= RUN_BYTES_MAX
                        && targets[last].equals(to);
        if (joins) {
            lengths[last] += length;
            counts[last]++;
            complete[last] = length < segments[last];
        } else {
            starts[runs] = used;
            lengths[runs] = length;
            segments[runs] = length;
            counts[runs] = 1;
            complete[runs] = false;
            targets[runs] = to;
            runs++;
        }
        used += length;
    }

    /// Sends everything.
    void flush() {
        for (int i = 0; i < runs; i++) {
            int taken = sender.send(buffer, starts[i], lengths[i], segments[i], targets[i]);
            for (int missing = counts[i] - taken; missing > 0; missing--) {
                lost.run();
            }
        }
        runs = 0;
        used = 0;
    }
}
