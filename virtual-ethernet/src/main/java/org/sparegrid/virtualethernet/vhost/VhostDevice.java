// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.vhost;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.linux.EventCounter;
import org.sparegrid.virtualethernet.linux.GuestFaultException;
import org.sparegrid.virtualethernet.linux.GuestMemory;
import org.sparegrid.virtualethernet.linux.PassedFile;

/// The back-end of one guest's card over one connection to its front-end.
///
/// One thread handles messages and takes what the guest sends; any thread gives frames to the
/// guest. No call on a file of the front-end, which can make one wait, is made under the lock.
///
/// A ring that a back-end left behind is found where the guest sees it: QEMU asks for the place of
/// a lost ring in its used index, and we give buffers back in the order in which they came, so
/// there is nothing else in flight.
public final class VhostDevice implements AutoCloseable {
    /// The ring of what the guest receives.
    private static final int RECEIVE = 0;

    /// The ring of what it sends.
    private static final int TRANSMIT = 1;

    /// Bytes of virtio's header before each frame.
    public static final int HEADER_LENGTH = ReceiveSide.HEADER_LENGTH;

    /// Bytes of the longest frame with its header.
    public static final int LENGTH_MAX = TransmitSide.LENGTH_MAX;

    private static final byte[] NOTHING = {};

    private final Object lock = new Object();
    private final Ring[] rings = {new Ring(), new Ring()};
    private @Nullable GuestMemory memory;
    private volatile CardFeatures features = CardFeatures.NONE;
    private boolean acknowledges;
    private @Nullable TransmitSide transmit;
    private @Nullable ReceiveSide receive;
    private volatile @Nullable GuestFaultException fault;

    /// What is known of a ring.
    private static final class Ring {
        int size;
        VhostMessage.@Nullable SetRingAddress address;
        int next;
        boolean started;
        boolean enabled;
        @Nullable EventCounter kick;
        volatile @Nullable EventCounter call;

        boolean runs(CardFeatures features) {
            return started && (enabled || !features.enablesRings()) && features.wereChosen();
        }
    }

    /// A card that was told nothing yet.
    public VhostDevice() {}

    /// What the guest's driver chose.
    public CardFeatures features() {
        return features;
    }

    /// Does what a message says.
    ///
    /// @param files that came with it, which are owned by this from now on
    /// @return what to answer
    /// @throws GuestFaultException if it asks for what is not allowed; the card is of no use then
    public Optional<byte[]> handle(
            VhostMessage.Header header, VhostMessage message, List<PassedFile> files)
            throws IOException, GuestFaultException {
        List<PassedFile> left = new ArrayList<>(files);
        try {
            byte[] answer =
                    switch (message) {
                        case VhostMessage.GetFeatures _ -> number(CardFeatures.OFFERED);
                        case VhostMessage.GetProtocolFeatures _ ->
                                number(CardFeatures.PROTOCOL_OFFERED);
                        case VhostMessage.GetRingBase(int ring) -> stop(ring);
                        case VhostMessage.SetMemory(var regions) ->
                                remember(GuestMemory.map(regions, left));
                        case VhostMessage.SetKick(int ring, boolean none) ->
                                start(ring, counter(none, left));
                        case VhostMessage.SetCall(int ring, boolean none) ->
                                call(ring, counter(none, left));
                        case VhostMessage.SetError _, VhostMessage.Noted _ -> NOTHING;
                        case VhostMessage.SetFeatures(long bits) -> choose(bits);
                        case VhostMessage.SetProtocolFeatures(long bits) -> chooseProtocol(bits);
                        case VhostMessage.SetRingSize(int ring, int size) -> resize(ring, size);
                        case VhostMessage.SetRingAddress at -> place(at);
                        case VhostMessage.SetRingBase(int ring, int next) -> base(ring, next);
                        case VhostMessage.EnableRing(int ring, boolean on) -> enable(ring, on);
                    };
            boolean plain = answer.length == 0 && acknowledges && header.wantsAnswer();
            byte[] payload = plain ? number(0) : answer;
            return payload.length == 0 ? Optional.empty() : Optional.of(header.answer(payload));
        } finally {
            left.forEach(PassedFile::close);
        }
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    /// The counter that came with a message, taken out of `files`.
    private static @Nullable EventCounter counter(boolean none, List<PassedFile> files)
            throws IOException, GuestFaultException {
        check(files.size() == (none ? 0 : 1), "one file, or none and a flag", files.size());
        if (none) {
            return null;
        }
        EventCounter counter = EventCounter.of(files.getFirst());
        files.removeFirst();
        return counter;
    }

    private byte[] choose(long bits) throws GuestFaultException {
        check((bits & ~CardFeatures.OFFERED) == 0, "features that were offered", bits);
        CardFeatures chosen = new CardFeatures(bits);
        check(!chosen.logsWrites(), "a guest that is not moved while it runs", bits);
        synchronized (lock) {
            features = chosen;
            rebuild();
        }
        return NOTHING;
    }

    private byte[] chooseProtocol(long bits) throws GuestFaultException {
        check((bits & ~CardFeatures.PROTOCOL_OFFERED) == 0, "features that were offered", bits);
        acknowledges = (bits & CardFeatures.REPLY_ACK) != 0;
        return NOTHING;
    }

    private byte[] remember(GuestMemory changed) throws GuestFaultException {
        GuestMemory before;
        synchronized (lock) {
            before = memory;
            memory = changed;
            try {
                rebuild();
            } finally {
                if (before != null) {
                    before.close();
                }
            }
        }
        return NOTHING;
    }

    private byte[] resize(int ring, int size) throws GuestFaultException {
        check(
                size > 0 && size <= SplitRing.SIZE_MAX && Integer.bitCount(size) == 1,
                "a ring of 1 to 1024 entries, a power of two",
                size);
        checkStopped(ring);
        rings[ring].size = size;
        return NOTHING;
    }

    private byte[] place(VhostMessage.SetRingAddress at) throws GuestFaultException {
        synchronized (lock) {
            rings[at.ring()].address = at;
            rebuild();
        }
        return NOTHING;
    }

    private byte[] base(int ring, int next) throws GuestFaultException {
        check(next >= 0 && next <= 0xffff, "an entry of 16 bits", next);
        checkStopped(ring);
        rings[ring].next = next;
        return NOTHING;
    }

    private void checkStopped(int ring) throws GuestFaultException {
        check(!rings[ring].started, "a ring that is stopped", ring);
    }

    private byte[] start(int ring, @Nullable EventCounter kick) throws GuestFaultException {
        if (kick == null) {
            throw new GuestFaultException("vhost-user: expected a kick with a file, got none");
        }
        EventCounter before = rings[ring].kick;
        rings[ring].kick = kick;
        if (before != null) {
            before.close();
        }
        synchronized (lock) {
            rings[ring].started = true;
            rebuild();
        }
        return NOTHING;
    }

    /// Also wakes the guest, which may have missed what an earlier counter said.
    private byte[] call(int ring, @Nullable EventCounter call) throws IOException {
        EventCounter before = rings[ring].call;
        rings[ring].call = call;
        if (before != null) {
            before.close();
        }
        if (call != null) {
            call.signal();
        }
        return NOTHING;
    }

    private byte[] enable(int ring, boolean on) throws GuestFaultException {
        synchronized (lock) {
            rings[ring].enabled = on;
            rebuild();
        }
        return NOTHING;
    }

    private byte[] stop(int ring) throws GuestFaultException {
        synchronized (lock) {
            keepPlaces();
            rings[ring].started = false;
            rebuild();
        }
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(ring)
                .putInt(rings[ring].next)
                .array();
    }

    private void keepPlaces() {
        if (receive != null) {
            rings[RECEIVE].next = receive.ring().next();
        }
        if (transmit != null) {
            rings[TRANSMIT].next = transmit.ring().next();
        }
    }

    /// Makes the rings that can run from what is known of them now.
    private void rebuild() throws GuestFaultException {
        keepPlaces();
        receive = null;
        transmit = null;
        SplitRing in = running(RECEIVE);
        SplitRing out = running(TRANSMIT);
        if (in != null) {
            in.askForKicks(false);
            receive = new ReceiveSide(in, features.hasMergeableBuffers());
        }
        if (out != null) {
            transmit = new TransmitSide(out);
        }
    }

    private @Nullable SplitRing running(int index) throws GuestFaultException {
        Ring ring = rings[index];
        GuestMemory known = memory;
        VhostMessage.SetRingAddress address = ring.address;
        if (!ring.runs(features)) {
            return null;
        }
        if (known == null || address == null || ring.size == 0) {
            throw new GuestFaultException(
                    "vhost-user: expected memory, size and addresses before a ring starts");
        }
        return new SplitRing(known, ring.size, address, ring.next);
    }

    /// The counter by which the guest says that it has something to send.
    public Optional<EventCounter> kick() {
        return Optional.ofNullable(rings[TRANSMIT].kick);
    }

    /// Takes the next frame that the guest sends. Only on the thread of the messages.
    ///
    /// @param into at least [#LENGTH_MAX] bytes: virtio's header of 12 bytes, then the frame
    /// @return its length with the header, 0 for one that is too long, -1 if there is none
    public int read(byte[] into) throws GuestFaultException {
        GuestFaultException failed = fault;
        if (failed != null) {
            throw failed;
        }
        TransmitSide side = transmit;
        return side == null || !side.ring().hasNext() ? -1 : side.read(into);
    }

    /// Whether the guest sends more. Only on the thread of the messages.
    public boolean hasMore() throws GuestFaultException {
        TransmitSide side = transmit;
        return side != null && side.ring().hasNext();
    }

    /// Forgets that the guest woke us. Only on the thread of the messages.
    public void clearKick() throws IOException {
        EventCounter kick = rings[TRANSMIT].kick;
        if (kick != null) {
            kick.clear();
        }
    }

    /// Says whether the guest is to wake us when it sends. Only on the thread of the messages.
    public void askForKicks(boolean wanted) {
        TransmitSide side = transmit;
        if (side != null) {
            side.ring().askForKicks(wanted);
        }
    }

    /// Tells the guest that we have taken frames, if it cares. Only on the thread of the messages.
    public void callForTaken() throws IOException {
        TransmitSide side = transmit;
        EventCounter call = rings[TRANSMIT].call;
        if (side != null && call != null && side.ring().wantsCall()) {
            call.signal();
        }
    }

    /// Gives a frame to the guest; callable from any thread.
    ///
    /// @param header 12 bytes of virtio's header, whose last two are set
    /// @return false if there is no room or no guest
    public boolean write(byte[] header, byte[] bytes, int at, int length) {
        synchronized (lock) {
            ReceiveSide side = receive;
            if (side == null || fault != null) {
                return false;
            }
            try {
                return side.write(header, bytes, at, length);
            } catch (GuestFaultException broken) {
                fault = broken;
                return false;
            }
        }
    }

    /// Whether the guest wants to hear of the frames that it was given; callable from any thread.
    public boolean wantsCall() {
        synchronized (lock) {
            return fault != null || (receive != null && receive.ring().wantsCall());
        }
    }

    /// Tells the guest so. Only on a thread that may be made to wait.
    ///
    /// @return false if its buffers were not as they must be, which [#read] throws
    public boolean callForGiven() throws IOException {
        EventCounter call = rings[RECEIVE].call;
        if (fault == null && call != null) {
            call.signal();
        }
        return fault == null;
    }

    @Override
    public void close() {
        synchronized (lock) {
            receive = null;
            transmit = null;
            if (memory != null) {
                memory.close();
                memory = null;
            }
        }
        for (Ring ring : rings) {
            if (ring.kick != null) {
                ring.kick.close();
            }
            EventCounter call = ring.call;
            if (call != null) {
                call.close();
            }
        }
    }

    private static void check(boolean holds, String expected, long got) throws GuestFaultException {
        if (!holds) {
            throw new GuestFaultException(
                    "vhost-user: expected " + expected + ", got 0x" + Long.toHexString(got));
        }
    }
}
