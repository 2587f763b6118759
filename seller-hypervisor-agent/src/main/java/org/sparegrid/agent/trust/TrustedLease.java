// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sparegrid.attestation.attester.Attester;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.TrustPeers;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.virtualethernet.network.PresharedKey;
import org.sparegrid.virtualethernet.network.PublicKey;

/// One lease's trust on this computer. It belongs to the thread of [TrustDesk].
final class TrustedLease {
    private static final TrustPeers NOBODY = new TrustPeers(0, java.util.List.of());

    private final Attester.Lease lease;
    private final int level;
    private @Nullable Evidence newest;
    private @Nullable JoinSecret secret;
    private TrustPeers peers = NOBODY;

    TrustedLease(Attester.Lease lease, int level) {
        this.lease = lease;
        this.level = level;
    }

    static TrustedLease of(KeptTrust kept) throws IOException {
        try {
            Evidence evidence = Evidence.parse(kept.evidenceBytes());
            BootPromise promise =
                    BootPromise.of(Level.numbered(kept.level()).orElse(Level.CONFIDENTIAL));
            TrustedLease known =
                    new TrustedLease(
                            new Attester.Lease(
                                    evidence.terms(),
                                    evidence.overlayKey(),
                                    evidence.salt(),
                                    PublicArea.parse(evidence.leaseKey().toBytes()),
                                    promise.bound(evidence.registers()),
                                    promise),
                            kept.level());
            known.newest = evidence;
            if (!kept.secret().isEmpty()) {
                known.secret = new JoinSecret(Secret.of(kept.secretBytes()));
            }
            known.peers = kept.peers();
            return known;
        } catch (EvidenceFormatException damaged) {
            throw new IOException("trust of a lease: " + damaged.reason(), damaged);
        }
    }

    Attester.Lease lease() {
        return lease;
    }

    int level() {
        return level;
    }

    void gave(Evidence evidence) {
        newest = evidence;
    }

    /// Takes what the TPM opened, and returns what shows that it did.
    Octets opened(JoinSecret opened) throws IOException {
        Evidence shown = newest;
        if (shown == null) {
            throw new IOException("a secret came before any evidence");
        }
        secret = opened;
        peers = new TrustPeers(0, peers.peers());
        return opened.proof(shown.digest());
    }

    /// Takes the members that the machine may talk with, unless they are older than those known.
    void admit(byte[] sealed) throws IOException {
        JoinSecret known = secret;
        if (known == null) {
            throw new IOException("an admission came before the secret");
        }
        try {
            TrustPeers next = Format.CBOR.read(known.unseal(sealed), TrustPeers.class);
            if (next.version() > peers.version()) {
                peers = next;
            }
        } catch (EvidenceFormatException | MessageFormatException wrong) {
            throw new IOException("admission: " + wrong.getMessage(), wrong);
        }
    }

    Standing standing() {
        if (peers.version() == 0) {
            return new Standing.Waiting();
        }
        Map<PublicKey, PresharedKey> admitted = new HashMap<>();
        for (TrustPeers.Peer peer : peers.peers()) {
            admitted.put(
                    PublicKey.parse(peer.publicKey()),
                    PresharedKey.of(peer.presharedKey().toBytes()));
        }
        return new Standing.Admitted(admitted);
    }

    void store(Path folder, LeaseId id) throws IOException {
        Evidence shown = newest;
        JoinSecret known = secret;
        if (shown != null) {
            new KeptTrust(
                            Base64.getEncoder().encodeToString(shown.toBytes()),
                            level,
                            known == null
                                    ? ""
                                    : Base64.getEncoder().encodeToString(known.secret().toBytes()),
                            peers)
                    .store(folder, id);
        }
    }
}
