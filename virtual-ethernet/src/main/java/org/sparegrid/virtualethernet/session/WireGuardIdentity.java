// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.session;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sparegrid.virtualethernet.crypto.PacketCiphers;
import org.sparegrid.virtualethernet.crypto.ResponderHandshake;
import org.sparegrid.virtualethernet.meter.DropReason;
import org.sparegrid.virtualethernet.network.GatewayOffer;
import org.sparegrid.virtualethernet.network.KeyPair;
import org.sparegrid.virtualethernet.network.PublicKey;
import org.sparegrid.virtualethernet.path.PeerPath;
import org.sparegrid.virtualethernet.wire.Announcement;
import org.sparegrid.virtualethernet.wire.CookieReply;
import org.sparegrid.virtualethernet.wire.HandshakeInitiation;
import org.sparegrid.virtualethernet.wire.HandshakeResponse;
import org.sparegrid.virtualethernet.wire.TransportData;
import org.sparegrid.virtualethernet.wire.WireGuardMessage;

/// A WireGuard key pair and its peers, as a state machine: message and time in, effects out.
///
/// Times are of one steady clock that begins near zero. Not for two threads at once, except
/// [#isAddressedBy].
public final class WireGuardIdentity {
    /// What identities on one UDP port share.
    ///
    /// @param indices the receiver indices of the port
    /// @param load how busy the port is with handshakes
    /// @param timestamps times for initiations
    /// @param timers protocol constants
    /// @param random source of keys, nonces and jitter; safe for many threads
    /// @param ciphers makes the ciphers of sessions
    /// @param fastFrames whether to use fast frames with peers that do too
    public record Shared(
            IndexTable indices,
            LoadMeter load,
            TimestampSource timestamps,
            Timers timers,
            RandomGenerator random,
            PacketCiphers ciphers,
            boolean fastFrames) {}

    /// What a datagram opens to is shorter than the longest datagram.
    private static final int OPENED_MAX = 65_536;

    private final KeyPair keys;
    private final Shared shared;
    private final GatewayOffer offer;
    private final Outlet outlet;
    private final Function<PublicKey, PeerPath> paths;
    private final CookieChecker cookies;
    private final SourceLimiter limiter = new SourceLimiter();
    private final Map<PublicKey, WireGuardPeer> peers = new LinkedHashMap<>();
    private final Map<Integer, WireGuardPeer> byIndex = new HashMap<>();
    private final byte[] opened = new byte[OPENED_MAX];
    private int lastIndex;
    private @Nullable WireGuardPeer lastOwner;

    /// An identity without peers.
    ///
    /// @param paths makes the path to a new peer
    public WireGuardIdentity(
            KeyPair keys, Shared shared, Outlet outlet, Function<PublicKey, PeerPath> paths) {
        this(keys, shared, GatewayOffer.NONE, outlet, paths);
    }

    /// An identity without peers that tells them what it does for them.
    public WireGuardIdentity(
            KeyPair keys,
            Shared shared,
            GatewayOffer offer,
            Outlet outlet,
            Function<PublicKey, PeerPath> paths) {
        this.keys = keys;
        this.shared = shared;
        this.offer = offer;
        this.outlet = outlet;
        this.paths = paths;
        this.cookies = new CookieChecker(keys.publicKey(), shared.timers(), shared.random());
    }

    /// Whether there is anything to announce in a session.
    boolean announces() {
        return shared.fastFrames() || !offer.equals(GatewayOffer.NONE);
    }

    byte[] announcement(boolean heard) {
        return new Announcement(shared.fastFrames(), heard, offer).toBytes();
    }

    /// Whether the sender of an initiation meant this identity. Safe for many threads.
    public boolean isAddressedBy(HandshakeInitiation initiation) {
        return cookies.isMac1Right(initiation.bytes(), HandshakeInitiation.MAC1_OFFSET);
    }

    /// Replaces the peers; sessions with those that stay go on.
    public void setPeers(List<PeerSpec> specs, long nowNanos) {
        Map<PublicKey, WireGuardPeer> old = new HashMap<>(peers);
        peers.clear();
        for (PeerSpec spec : specs) {
            WireGuardPeer known = old.remove(spec.key());
            if (known != null && isSame(known.spec(), spec)) {
                known.offer(spec, nowNanos);
                peers.put(spec.key(), known);
            } else {
                close(known);
                peers.put(spec.key(), newPeer(spec));
            }
        }
        old.values().forEach(this::close);
    }

    /// Takes a message whose initiation is addressed to this identity, or whose receiver index it
    /// owns.
    public void receive(WireGuardMessage message, InetSocketAddress from, long nowNanos) {
        switch (message) {
            case HandshakeInitiation initiation -> receive(initiation, from, nowNanos);
            case HandshakeResponse response -> receive(response, from, nowNanos);
            case CookieReply reply ->
                    owner(reply.receiverIndex()).ifPresent(peer -> peer.accept(reply, nowNanos));
            case TransportData data -> {
                byte[] bytes = data.bytes();
                receiveData(bytes, 0, bytes.length, from, nowNanos);
            }
        }
    }

    /// Takes sealed data, of WireGuard or a fast frame, of `length` bytes at `at`, whose receiver
    /// index this identity owns.
    public void receiveData(
            byte[] datagram, int at, int length, InetSocketAddress from, long nowNanos) {
        int index = TransportData.receiverIndex(datagram, at);
        WireGuardPeer peer = lastOwner;
        if (peer == null || index != lastIndex) {
            peer = byIndex.get(index);
            lastOwner = peer;
            lastIndex = index;
        }
        if (peer != null) {
            peer.receive(datagram, at, length, opened, from, nowNanos);
        }
    }

    /// Sends an IP packet to `peer`, or keeps it until there is a session.
    public void send(PublicKey peer, byte[] packet, long nowNanos) {
        WireGuardPeer known = peers.get(peer);
        if (known == null) {
            outlet.dropped(DropReason.NO_SESSION);
            return;
        }
        known.send(packet, nowNanos);
    }

    /// A way to `peer` has appeared: a handshake under way tries it at once.
    public void hurry(PublicKey peer, long nowNanos) {
        WireGuardPeer known = peers.get(peer);
        if (known != null) {
            known.hurry(nowNanos);
        }
    }

    /// `peer` has shown in another way that it is there: a handshake that it has not answered is
    /// repeated, once.
    public void alive(PublicKey peer, long nowNanos) {
        WireGuardPeer known = peers.get(peer);
        if (known != null) {
            known.alive(nowNanos);
        }
    }

    /// Sends frames to `peer`, or keeps them until there is a session.
    public void send(PublicKey peer, FrameSource frames, long nowNanos) {
        WireGuardPeer known = peers.get(peer);
        if (known == null) {
            outlet.dropped(DropReason.NO_SESSION);
            return;
        }
        known.send(frames, nowNanos);
    }

    /// Lets time pass. To be called several times a second.
    public void tick(long nowNanos) {
        peers.values().forEach(peer -> peer.tick(nowNanos));
    }

    /// What is known of `peer`; empty if it is no peer.
    public Optional<PeerState> state(PublicKey peer) {
        return Optional.ofNullable(peers.get(peer)).map(WireGuardPeer::state);
    }

    /// Whether packets to `peer` leave as fast frames.
    public boolean sendsFast(PublicKey peer) {
        WireGuardPeer known = peers.get(peer);
        return known != null && known.isFast();
    }

    /// Bytes of the datagram that carries a packet of so many bytes.
    public static int datagramBytes(int packetBytes) {
        return Session.sealedLength(packetBytes);
    }

    /// The longest packet that a datagram of so many bytes carries.
    public static int packetMax(int datagramBytes) {
        return Session.packetMax(datagramBytes);
    }

    /// Ends all sessions and forgets the peers.
    public void close() {
        peers.values().forEach(this::close);
        peers.clear();
    }

    /// Takes an index by which `peer` is found again.
    int takeIndex(WireGuardPeer peer) {
        int index = shared.indices().take(this);
        byIndex.put(index, peer);
        return index;
    }

    Shared shared() {
        return shared;
    }

    void releaseIndex(int index) {
        lastOwner = null;
        shared.indices().release(index);
        byIndex.remove(index);
    }

    private void receive(HandshakeInitiation initiation, InetSocketAddress from, long nowNanos) {
        if (!isWelcome(initiation, HandshakeInitiation.MAC1_OFFSET, from, nowNanos)) {
            return;
        }
        Optional<ResponderHandshake> handshake = ResponderHandshake.open(keys, initiation);
        WireGuardPeer peer = handshake.map(h -> peers.get(h.remote())).orElse(null);
        if (peer == null) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        peer.answer(handshake.orElseThrow(), from, nowNanos);
    }

    private void receive(HandshakeResponse response, InetSocketAddress from, long nowNanos) {
        if (!cookies.isMac1Right(response.bytes(), HandshakeResponse.MAC1_OFFSET)) {
            outlet.dropped(DropReason.BAD_PACKET);
            return;
        }
        if (isWelcome(response, HandshakeResponse.MAC1_OFFSET, from, nowNanos)) {
            owner(response.receiverIndex())
                    .ifPresent(peer -> peer.finish(response, from, nowNanos));
        }
    }

    /// Whether to spend key agreements on a message. Under load the sender must first show, by a
    /// cookie, that it is where it says, and must not come too often.
    private boolean isWelcome(
            WireGuardMessage message, int mac1Offset, InetSocketAddress from, long nowNanos) {
        if (!shared.load().countAndIsLoaded(nowNanos)) {
            return true;
        }
        byte[] bytes = message.bytes();
        if (!cookies.isMac2Right(bytes, mac1Offset, from, nowNanos)) {
            outlet.transmit(cookies.reply(bytes, mac1Offset, from, nowNanos).bytes(), from);
            return false;
        }
        if (limiter.allows(from.getAddress(), nowNanos)) {
            return true;
        }
        outlet.dropped(DropReason.FLOOD);
        return false;
    }

    private Optional<WireGuardPeer> owner(int index) {
        return Optional.ofNullable(byIndex.get(index));
    }

    private WireGuardPeer newPeer(PeerSpec spec) {
        HandshakeAttempts attempts =
                new HandshakeAttempts(
                        keys, spec, shared.timers(), shared.timestamps(), shared.random());
        return new WireGuardPeer(
                this,
                spec,
                paths.apply(spec.key()),
                shared.timers(),
                attempts,
                shared.random(),
                outlet);
    }

    private static boolean isSame(PeerSpec old, PeerSpec changed) {
        return old.presharedKey().equals(changed.presharedKey())
                && old.persistentKeepalive().equals(changed.persistentKeepalive());
    }

    private void close(@Nullable WireGuardPeer peer) {
        if (peer != null) {
            peer.close();
        }
    }
}
