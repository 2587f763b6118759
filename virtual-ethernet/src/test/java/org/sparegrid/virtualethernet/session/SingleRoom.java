// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.function.BiConsumer;

/// Sends each datagram as soon as it is closed.
public final class SingleRoom implements DatagramRoom {
    private final byte[] buffer = new byte[2048];
    private final BiConsumer<byte[], InetSocketAddress> sender;
    private InetSocketAddress target = new InetSocketAddress(0);

    public SingleRoom(BiConsumer<byte[], InetSocketAddress> sender) {
        this.sender = sender;
    }

    @Override
    public int open(int lengthMax, InetSocketAddress to) {
        target = to;
        return 0;
    }

    @Override
    public byte[] buffer() {
        return buffer;
    }

    @Override
    public void close(int length) {
        sender.accept(Arrays.copyOf(buffer, length), target);
    }
}
