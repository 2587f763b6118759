// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.switching;

import java.util.Arrays;
import java.util.Optional;
import org.sparegrid.virtualethernet.frame.Bytes;
import org.sparegrid.virtualethernet.frame.EthernetFrame;
import org.sparegrid.virtualethernet.network.BridgeState;
import org.sparegrid.virtualethernet.network.MacAddress;
import org.sparegrid.virtualethernet.network.PublicKey;

/// Keeps a gateway from closing a loop between its LAN and the overlay.
///
/// It says hello on the LAN every two seconds. If its own hello comes back, from the LAN or through
/// a tunnel, there is another way round, and it passes nothing until that has been quiet for half a
/// minute. If it hears another gateway of the same network on the LAN, the one with the lower key
/// passes frames and the other stands by and takes over when the first falls silent.
///
/// ```text
///  offset  size  field
///       0    14  Ethernet  to 03:53:50:47:52:47, from the member, type 88b6
///      14     4  magic     "SGBG"
///      18     1  version   1
///      19     3  VNI
///      22    32  key       of the sender
///      54     6  padding   zero
/// ```
///
/// Source: docs/protocol/overlay.md, section 7.
final class BridgeGuard {
    private static final long GROUP = 0x0353_5047_5247L;
    private static final int TYPE = 0x88b6;
    private static final int MAGIC = 0x5347_4247;
    private static final int LENGTH = 46;
    private static final int KEY_OFFSET = 8;

    /// How often it says hello.
    static final long HELLO_NANOS = 2_000_000_000L;

    /// How long it listens before it passes anything, and how long silence must last before another
    /// gateway counts as gone.
    static final long QUIET_NANOS = 7_000_000_000L;

    /// How long it listens when it starts.
    static final long LISTEN_NANOS = 3_000_000_000L;

    /// How long it passes nothing after its own hello has come back.
    static final long LOOP_NANOS = 30_000_000_000L;

    private final PublicKey self;
    private long openNanos = Long.MIN_VALUE;
    private long loopUntil = Long.MIN_VALUE;
    private long standbyUntil = Long.MIN_VALUE;
    private long helloDue = Long.MIN_VALUE;

    BridgeGuard(PublicKey self) {
        this.self = self;
    }

    /// Whether a frame is a hello of some gateway, which nobody passes on.
    static boolean isHello(EthernetFrame frame) {
        return frame.type() == TYPE && frame.destination() == GROUP;
    }

    /// What it does now.
    BridgeState state(long nowNanos) {
        if (nowNanos < loopUntil) {
            return BridgeState.LOOP;
        }
        if (nowNanos < standbyUntil) {
            return BridgeState.STANDBY;
        }
        return openNanos == Long.MIN_VALUE || nowNanos < openNanos
                ? BridgeState.LISTENING
                : BridgeState.FORWARDING;
    }

    boolean isOpen(long nowNanos) {
        return nowNanos >= openNanos
                && openNanos != Long.MIN_VALUE
                && nowNanos >= loopUntil
                && nowNanos >= standbyUntil;
    }

    /// The hello to be sent to the LAN, if one is due.
    Optional<EthernetFrame> tick(int vni, MacAddress source, long nowNanos) {
        if (openNanos == Long.MIN_VALUE) {
            openNanos = nowNanos + LISTEN_NANOS;
        }
        if (helloDue != Long.MIN_VALUE && nowNanos < helloDue) {
            return Optional.empty();
        }
        helloDue = nowNanos + HELLO_NANOS;
        EthernetFrame frame = EthernetFrame.create(new MacAddress(GROUP), source, TYPE, LENGTH);
        byte[] out = frame.bytes();
        int at = frame.payloadOffset();
        Bytes.put32(out, at, MAGIC);
        Bytes.put32(out, at + 4, 1 << 24 | vni);
        System.arraycopy(self.bytes(), 0, out, at + KEY_OFFSET, 32);
        return Optional.of(frame);
    }

    /// Takes a hello from the LAN or from a tunnel.
    void heard(EthernetFrame hello, int vni, boolean fromTunnel, long nowNanos) {
        byte[] in = hello.bytes();
        int at = hello.payloadOffset();
        if (hello.end() < at + KEY_OFFSET + 32
                || Bytes.i32(in, at) != MAGIC
                || Bytes.i32(in, at + 4) != (1 << 24 | vni)) {
            return;
        }
        byte[] key = Arrays.copyOfRange(in, at + KEY_OFFSET, at + KEY_OFFSET + 32);
        int order = Arrays.compareUnsigned(key, self.bytes());
        if (order == 0) {
            loopUntil = nowNanos + LOOP_NANOS;
        } else if (order < 0 && !fromTunnel) {
            standbyUntil = nowNanos + QUIET_NANOS;
        }
    }
}
