// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.GuestMemory;

/// What a front-end, which is QEMU, asks of the card's back-end.
///
/// ```text
///  offset  size  field     in the machine's byte order; here little-endian
///       0     4  request
///       4     4  flags     bits 0-1 = version 1, bit 2 = an answer, bit 3 = an answer is wanted
///       8     4  size      of the payload
///      12        payload   a number of 64 bits, or two of 32, or ring addresses, or regions
/// ```
///
/// Source: QEMU, docs/interop/vhost-user.rst.
public sealed interface VhostMessage {
    /// Bytes before the payload.
    int HEADER_LENGTH = 12;

    /// Bytes of the longest payload that is understood: a table of all regions.
    int PAYLOAD_MAX = 8 + 32 * GuestMemory.REGIONS_MAX;

    /// Rings of a card: 0 is what the guest receives, 1 what it sends.
    int RINGS = 2;

    /// Asks which features there are.
    record GetFeatures() implements VhostMessage {}

    /// Chooses some of them.
    record SetFeatures(long bits) implements VhostMessage {}

    /// Asks which features of the protocol there are.
    record GetProtocolFeatures() implements VhostMessage {}

    /// Chooses some of them.
    record SetProtocolFeatures(long bits) implements VhostMessage {}

    /// Names the guest's memory; one file each.
    record SetMemory(List<GuestMemory.Region> regions) implements VhostMessage {
        public SetMemory {
            regions = List.copyOf(regions);
        }
    }

    /// Says how many entries a ring has.
    record SetRingSize(int ring, int size) implements VhostMessage {}

    /// Says where a ring's parts are, as the front-end sees them.
    record SetRingAddress(int ring, long descriptors, long used, long available)
            implements VhostMessage {}

    /// Says which entry comes next.
    record SetRingBase(int ring, int next) implements VhostMessage {}

    /// Stops a ring and asks which entry comes next.
    record GetRingBase(int ring) implements VhostMessage {}

    /// Passes the counter by which the guest wakes us, and starts the ring.
    record SetKick(int ring, boolean none) implements VhostMessage {}

    /// Passes the counter by which we wake the guest.
    record SetCall(int ring, boolean none) implements VhostMessage {}

    /// Passes a counter for errors, which we do not use.
    record SetError(int ring, boolean none) implements VhostMessage {}

    /// Turns a ring on or off.
    record EnableRing(int ring, boolean on) implements VhostMessage {}

    /// Something that changes nothing here.
    record Noted() implements VhostMessage {}

    /// What stands before a payload.
    ///
    /// @param wantsAnswer whether an answer is wanted that says if it was done
    record Header(int request, boolean wantsAnswer, int size) {
        /// Reads the first bytes of a message.
        ///
        /// @throws GuestFaultException if they begin none that may come here
        public static Header parse(byte[] bytes) throws GuestFaultException {
            ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int flags = in.getInt(4);
            check((flags & ~8) == 1, "flags 1 or 9", flags);
            int size = in.getInt(8);
            check(size >= 0 && size <= PAYLOAD_MAX, "a payload of at most 264 bytes", size);
            return new Header(in.getInt(0), (flags & 8) != 0, size);
        }

        /// An answer to this message.
        public byte[] answer(byte[] payload) {
            ByteBuffer out = ByteBuffer.allocate(HEADER_LENGTH + payload.length);
            out.order(ByteOrder.LITTLE_ENDIAN).putInt(request).putInt(1 | 4);
            return out.putInt(payload.length).put(payload).array();
        }
    }

    /// Reads the payload that follows `header`.
    ///
    /// @throws GuestFaultException if it is not as specified
    static VhostMessage parse(Header header, byte[] payload) throws GuestFaultException {
        ByteBuffer in =
                ByteBuffer.wrap(payload, 0, header.size).slice().order(ByteOrder.LITTLE_ENDIAN);
        VhostMessage message =
                switch (header.request) {
                    case 1 -> new GetFeatures();
                    case 2 -> new SetFeatures(number(in));
                    case 3, 4 -> new Noted();
                    case 5 -> memory(in);
                    case 8 -> new SetRingSize(ring(in), value(in));
                    case 9 -> address(in);
                    case 10 -> new SetRingBase(ring(in), value(in));
                    case 11 -> new GetRingBase(ringAndValue(in));
                    case 12, 13, 14 -> counter(header.request, number(in));
                    case 15 -> new GetProtocolFeatures();
                    case 16 -> new SetProtocolFeatures(number(in));
                    case 18 -> new EnableRing(ring(in), value(in) == 1);
                    case 19 -> new Noted();
                    default -> throw fault("a known request", header.request);
                };
        boolean empty = message instanceof Noted || message instanceof GetFeatures;
        check(empty || !in.hasRemaining(), "a payload of its length", header.size);
        return message;
    }

    private static VhostMessage counter(int request, long number) throws GuestFaultException {
        check((number & ~0x1ffL) == 0, "a ring and a flag", number);
        int ring = ring((int) number & 0xff);
        boolean none = (number & 0x100) != 0;
        return switch (request) {
            case 12 -> new SetKick(ring, none);
            case 13 -> new SetCall(ring, none);
            default -> new SetError(ring, none);
        };
    }

    private static SetMemory memory(ByteBuffer in) throws GuestFaultException {
        check(in.remaining() >= 8, "a table of regions", in.remaining());
        long count = Integer.toUnsignedLong(in.getInt());
        in.getInt();
        check(count <= GuestMemory.REGIONS_MAX, "at most 8 regions", count);
        check(in.remaining() == 32 * count, "32 bytes for each region", in.remaining());
        List<GuestMemory.Region> regions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            regions.add(
                    new GuestMemory.Region(in.getLong(), in.getLong(), in.getLong(), in.getLong()));
        }
        return new SetMemory(regions);
    }

    /// Flags, which say whether writing is logged, and where, are left out: it is not.
    private static SetRingAddress address(ByteBuffer in) throws GuestFaultException {
        check(in.remaining() == 40, "40 bytes of addresses", in.remaining());
        int ring = ring(in);
        int flags = in.getInt();
        check(flags == 0, "a ring without a log", flags);
        SetRingAddress message = new SetRingAddress(ring, in.getLong(), in.getLong(), in.getLong());
        in.getLong();
        return message;
    }

    private static int ringAndValue(ByteBuffer in) throws GuestFaultException {
        int ring = ring(in);
        value(in);
        return ring;
    }

    private static int ring(ByteBuffer in) throws GuestFaultException {
        check(in.remaining() >= 4, "a ring", in.remaining());
        return ring(in.getInt());
    }

    private static int ring(int index) throws GuestFaultException {
        check(index >= 0 && index < RINGS, "ring 0 or 1", index);
        return index;
    }

    private static int value(ByteBuffer in) throws GuestFaultException {
        check(in.remaining() >= 4, "a number of 4 bytes", in.remaining());
        return in.getInt();
    }

    private static long number(ByteBuffer in) throws GuestFaultException {
        check(in.remaining() >= 8, "a number of 8 bytes", in.remaining());
        return in.getLong();
    }

    private static void check(boolean holds, String expected, long got) throws GuestFaultException {
        if (!holds) {
            throw fault(expected, got);
        }
    }

    private static GuestFaultException fault(String expected, long got) {
        return new GuestFaultException(
                "vhost-user: expected " + expected + ", got 0x" + Long.toHexString(got));
    }
}
