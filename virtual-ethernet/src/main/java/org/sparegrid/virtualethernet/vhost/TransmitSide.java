// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import org.sparegrid.virtualethernet.linux.GuestFaultException;

/// Reads the frames that a guest sends, each copied once.
final class TransmitSide {
    /// Bytes of a frame with its header, of 64 KB with a VLAN tag.
    static final int LENGTH_MAX = ReceiveSide.HEADER_LENGTH + 65_553;

    private final SplitRing ring;
    private final DescriptorChain chain = new DescriptorChain();

    TransmitSide(SplitRing ring) {
        this.ring = ring;
    }

    SplitRing ring() {
        return ring;
    }

    /// Copies the next frame, which there must be, and gives its buffers back.
    ///
    /// @param into at least [#LENGTH_MAX] bytes
    /// @return its length with the header, or 0 if it is longer than any frame
    int read(byte[] into) throws GuestFaultException {
        int head = ring.take(chain);
        long total = chain.totalBytes();
        if (chain.readable() != chain.count()) {
            throw new GuestFaultException(
                    "virtio ring: expected a buffer to read, got one to write");
        }
        if (total < ReceiveSide.HEADER_LENGTH) {
            throw new GuestFaultException(
                    "virtio ring: expected a header of 12 bytes, got " + total);
        }
        int length = 0;
        if (total <= LENGTH_MAX) {
            for (int i = 0; i < chain.count(); i++) {
                int size = (int) chain.length(i);
                ring.memory().read(chain.address(i), into, length, size);
                length += size;
            }
        }
        ring.give(head, 0);
        ring.publish();
        return length;
    }
}
