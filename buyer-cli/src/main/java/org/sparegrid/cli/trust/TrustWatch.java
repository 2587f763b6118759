// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.verification.StoredEvidence;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.cli.client.Coordinator;
import org.sparegrid.cli.client.RefusedException;
import org.sparegrid.cli.context.Context;
import org.sparegrid.cli.context.NetworkFolder;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.TrustPeers;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.control.TrustTerms;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.market.Lease;
import org.sparegrid.protocol.market.Order;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.virtualethernet.Attachment;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;

/// The buyer's gate to a network: lets in the machines whose evidence holds, and nobody else.
///
/// Every two members that are let in share a secret of their own, so that a machine that is no
/// longer trusted is shut out by telling the others.
public final class TrustWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(TrustWatch.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final int SECRET_BYTES = 32;

    /// How long a coordinator that is away is told of a refusal: it bills until it knows.
    private static final Duration TELLING_MAX = Duration.ofDays(30);

    private record Admitted(Octets overlayKey, JoinSecret secret) {}

    private final Coordinator coordinator;
    private final Context context;
    private final NetworkFolder folder;
    private final Attachment attachment;
    private final OrderSpec spec;
    private final LeaseWatch.Setting setting;
    private final Clock clock;
    private final byte[] pairs = new byte[SECRET_BYTES];
    private final Map<LeaseId, Admitted> admitted = new HashMap<>();
    private final Map<LeaseId, Thread> watched = new HashMap<>();
    private final Set<LeaseId> refused = new HashSet<>();
    private long version;
    private boolean changed;
    private volatile Thread following = new Thread();

    /// Shuts the network until machines are let in.
    public TrustWatch(
            Coordinator coordinator,
            Context context,
            NetworkFolder folder,
            TrustWish.Placed placed,
            Attachment attachment,
            Clock clock)
            throws IOException {
        SecureRandom random = new SecureRandom();
        random.nextBytes(pairs);
        this.coordinator = coordinator;
        this.context = context;
        this.folder = folder;
        this.attachment = attachment;
        this.clock = clock;
        this.spec = placed.spec();
        TrustWish wish = placed.wish();
        this.setting =
                new LeaseWatch.Setting(
                        wish.policy(),
                        wish.digest(),
                        wish.timing(),
                        wish.makers(),
                        Octets.of(attachment.publicKey().bytes()),
                        clock,
                        random);
        attachment.admit(Map.of());
    }

    /// Begins to watch the machines of an order.
    public void start(Order order) {
        following = Thread.ofVirtual().name("trust").start(() -> follow(order));
    }

    @Override
    public void close() {
        following.interrupt();
        synchronized (this) {
            watched.values().forEach(Thread::interrupt);
        }
    }

    private void follow(Order order) {
        Order newest = order;
        try {
            while (!Thread.interrupted()) {
                look(newest);
                push();
                try {
                    newest = coordinator.order(order.id(), newest.version(), LOOK);
                } catch (IOException | RefusedException away) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            () -> "order not seen order=" + order.id() + " cause=" + away);
                    Thread.sleep(LOOK);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void look(Order order) {
        Set<LeaseId> live = new HashSet<>();
        for (Lease lease : order.leases()) {
            if (lease.state().isLive()) {
                live.add(lease.id());
                if (!refused.contains(lease.id())) {
                    watched.computeIfAbsent(
                            lease.id(),
                            _ ->
                                    Thread.ofVirtual()
                                            .name("trust-" + lease.id())
                                            .start(() -> watch(lease)));
                }
            }
        }
        for (LeaseId id : List.copyOf(watched.keySet())) {
            if (!live.contains(id)) {
                Thread gone = watched.remove(id);
                if (gone != null) {
                    gone.interrupt();
                }
                changed |= admitted.remove(id) != null;
            }
        }
    }

    private void watch(Lease lease) {
        Correspondence agent = new Correspondence(coordinator, lease.id(), clock);
        try {
            new LeaseWatch(agent, terms(lease), setting, outcome(lease)).run();
        } catch (RefusalException refusal) {
            shutOut(lease, refusal);
        } catch (IOException | RefusedException | RuntimeException failed) {
            shutOut(
                    lease,
                    new RefusalException("NOT_CHECKED", String.valueOf(failed.getMessage())));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private LeaseTerms terms(Lease lease) {
        return new LeaseTerms(
                Octets.of(TrustTerms.lease(lease.id())),
                Octets.ofHex(spec.image().value()),
                Octets.of(
                        TrustTerms.machine(
                                spec.size(),
                                lease.name(),
                                spec.name(),
                                lease.rank(),
                                spec.machines(),
                                spec.authorizedKeys())),
                setting.digest(),
                setting.gatewayKey());
    }

    private LeaseWatch.Outcome outcome(Lease lease) {
        return new LeaseWatch.Outcome() {
            @Override
            public void admitted(Octets overlayKey, JoinSecret secret) throws RefusalException {
                admit(lease, new Admitted(overlayKey, secret));
                push();
            }

            @Override
            public void shown(StoredEvidence evidence) throws IOException {
                context.write(
                        TrustWish.evidence(folder, lease.id().value()),
                        evidence.write().getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private synchronized void admit(Lease lease, Admitted machine) throws RefusalException {
        boolean taken =
                setting.gatewayKey().equals(machine.overlayKey())
                        || admitted.entrySet().stream()
                                .anyMatch(other ->
                                        !other.getKey().equals(lease.id())
                                                && other.getValue()
                                                        .overlayKey()
                                                        .equals(machine.overlayKey()));
        if (!watched.containsKey(lease.id())) {
            return;
        }
        if (taken) {
            throw new RefusalException("KEY_TAKEN", "its network key is another member's");
        }
        admitted.put(lease.id(), machine);
        changed = true;
        LOG.log(
                System.Logger.Level.INFO,
                () -> "machine let in lease=" + lease.id() + " seller=" + lease.seller());
    }

    /// First the gate, then the coordinator, which may not be there.
    private void shutOut(Lease lease, RefusalException refusal) {
        LOG.log(
                System.Logger.Level.WARNING,
                () ->
                        "machine refused lease="
                                + lease.id()
                                + " seller="
                                + lease.seller()
                                + " code="
                                + refusal.code()
                                + " cause="
                                + refusal.getMessage());
        synchronized (this) {
            refused.add(lease.id());
            changed |= admitted.remove(lease.id()) != null;
        }
        push();
        try {
            new Correspondence(coordinator, lease.id(), clock)
                    .ask(
                            new TrustQuestion.Refusal(refusal.code(), refusal.finding()),
                            clock.instant().plus(TELLING_MAX));
        } catch (IOException | RefusedException over) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "refusal not told lease=" + lease.id() + " cause=" + over);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Tells every machine that is let in who the others are, until it knows. A coordinator that is
    /// slow to answer must not keep our own gate open, so nothing is sent while the state is held;
    /// whichever message comes last, the newest version counts.
    private void push() {
        Map<LeaseId, Blob> sealed = new HashMap<>();
        synchronized (this) {
            if (!changed) {
                return;
            }
            changed = false;
            version++;
            Map<PublicKey, PresharedKey> own = new HashMap<>();
            admitted.forEach((lease, machine) ->
                    own.put(
                            PublicKey.of(machine.overlayKey().toBytes()),
                            PresharedKey.of(withGateway(lease, machine))));
            attachment.admit(own);
            admitted.forEach((lease, machine) -> sealed.put(lease, sealed(lease, machine)));
        }
        boolean all = true;
        for (Map.Entry<LeaseId, Blob> each : sealed.entrySet()) {
            all &= tell(each.getKey(), each.getValue());
        }
        if (!all) {
            synchronized (this) {
                changed = true;
            }
        }
    }

    private Blob sealed(LeaseId lease, Admitted machine) {
        List<TrustPeers.Peer> peers = new ArrayList<>();
        peers.add(peer(setting.gatewayKey(), withGateway(lease, machine)));
        for (Admitted other : admitted.values()) {
            if (!other.overlayKey().equals(machine.overlayKey())) {
                peers.add(peer(other.overlayKey(), between(machine, other)));
            }
        }
        return new Blob(
                machine.secret()
                        .seal(Format.CBOR.write(new TrustPeers(version, peers)), setting.random()));
    }

    private boolean tell(LeaseId lease, Blob sealed) {
        try {
            Correspondence.say(coordinator, lease, new TrustQuestion.Admission(sealed));
            return true;
        } catch (RefusedException over) {
            return true;
        } catch (IOException away) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static TrustPeers.Peer peer(Octets key, byte[] shared) {
        return new TrustPeers.Peer(
                Base64.getEncoder().encodeToString(key.toBytes()), new Blob(shared));
    }

    private static byte[] withGateway(LeaseId lease, Admitted machine) {
        return machine.secret().presharedKey(Octets.of(TrustTerms.lease(lease))).toBytes();
    }

    /// The secret of two machines, the same whichever is named first.
    private byte[] between(Admitted one, Admitted other) {
        List<String> keys =
                Stream.of(one.overlayKey().toString(), other.overlayKey().toString())
                        .sorted()
                        .toList();
        return HashAlgorithm.SHA256.hmac(
                pairs, String.join(" ", keys).getBytes(StandardCharsets.US_ASCII));
    }
}
