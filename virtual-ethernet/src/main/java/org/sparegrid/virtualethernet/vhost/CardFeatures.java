// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

/// What a guest's card and we have agreed on.
///
/// Source: virtio 1.2, sections 5.1.3 and 6; QEMU, docs/interop/vhost-user.rst.
///
/// @param bits of the features that the guest's driver chose
public record CardFeatures(long bits) {
    private static final long CSUM = 1L;
    private static final long GUEST_CSUM = 1L << 1;
    private static final long MTU = 1L << 3;
    private static final long GUEST_TSO4 = 1L << 7;
    private static final long GUEST_TSO6 = 1L << 8;
    private static final long GUEST_ECN = 1L << 9;
    private static final long HOST_TSO4 = 1L << 11;
    private static final long HOST_TSO6 = 1L << 12;
    private static final long HOST_ECN = 1L << 13;
    private static final long MRG_RXBUF = 1L << 15;
    private static final long LOG_ALL = 1L << 26;
    private static final long INDIRECT_DESC = 1L << 28;
    private static final long PROTOCOL_FEATURES = 1L << 30;
    private static final long VERSION_1 = 1L << 32;
    private static final long GUEST_USO4 = 1L << 54;
    private static final long GUEST_USO6 = 1L << 55;
    private static final long HOST_USO = 1L << 56;

    /// All that we know.
    public static final long OFFERED =
            CSUM
                    | GUEST_CSUM
                    | MTU
                    | GUEST_TSO4
                    | GUEST_TSO6
                    | GUEST_ECN
                    | HOST_TSO4
                    | HOST_TSO6
                    | HOST_ECN
                    | MRG_RXBUF
                    | LOG_ALL
                    | INDIRECT_DESC
                    | PROTOCOL_FEATURES
                    | VERSION_1
                    | GUEST_USO4
                    | GUEST_USO6
                    | HOST_USO;

    /// The back-end says when it has done what it was told.
    static final long REPLY_ACK = 1L << 3;

    /// All that we know of the protocol: the above, and a log of writes in shared memory.
    static final long PROTOCOL_OFFERED = REPLY_ACK | (1L << 1);

    /// No guest yet.
    static final CardFeatures NONE = new CardFeatures(0);

    /// Whether any were told, without which no ring runs.
    ///
    /// They need not be those of the driver: if that chose while nobody was connected, QEMU 7.2
    /// forgets its choice and tells the next one what was chosen before, without VERSION_1. The
    /// header has its 12 bytes all the same, because our cards are modern only, and what the guest
    /// gets is then whole and finished, which any driver takes.
    boolean wereChosen() {
        return bits != 0;
    }

    /// Whether writes are to be logged, which is offered because QEMU saves no guest without it,
    /// and refused because a guest that is saved stands still: only moving a running one needs it.
    boolean logsWrites() {
        return has(LOG_ALL);
    }

    /// Whether a frame for the guest may fill several buffers.
    boolean hasMergeableBuffers() {
        return has(MRG_RXBUF);
    }

    /// Whether rings wait until they are turned on.
    boolean enablesRings() {
        return has(PROTOCOL_FEATURES);
    }

    /// Whether the guest completes checksums itself.
    public boolean takesUnfinished() {
        return has(GUEST_CSUM);
    }

    /// Whether the guest takes TCP of 64 KB.
    public boolean takesDivided() {
        return has(GUEST_CSUM | GUEST_TSO4 | GUEST_TSO6);
    }

    /// Whether the guest takes UDP of 64 KB.
    public boolean takesDividedUdp() {
        return takesDivided() && has(GUEST_USO4 | GUEST_USO6);
    }

    private boolean has(long wanted) {
        return (bits & wanted) == wanted;
    }
}
