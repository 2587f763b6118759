// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.trust;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sparegrid.agent.process.AtomicFile;
import org.sparegrid.attestation.attester.Attester;
import org.sparegrid.attestation.protocol.Binding;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseLog;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.report.Level;
import org.sparegrid.attestation.tpm.Credential;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.device.Tpm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.protocol.LeaseId;
import org.sparegrid.protocol.control.AgentMessage;
import org.sparegrid.protocol.control.Blob;
import org.sparegrid.protocol.control.CoordinatorMessage.LeaseOffered;
import org.sparegrid.protocol.control.CoordinatorMessage.TpmChallenged;
import org.sparegrid.protocol.control.TrustAnswer;
import org.sparegrid.protocol.control.TrustQuestion;
import org.sparegrid.protocol.control.TrustTerms;

/// Shows the coordinator which computer this is, and each buyer what runs his machine. Any thread
/// may call; one thread of its own talks with the TPM.
public final class TrustDesk implements Closeable {
    private static final System.Logger LOG = System.getLogger(TrustDesk.class.getName());
    private static final Octets INTRODUCTION = Octets.repeated(0, LeaseTerms.DIGEST_LENGTH);

    /// Questions of one buyer that wait for the TPM: it is slow, and the others' quotes must not
    /// come late for him. An honest one asks one after the other; more are dropped.
    private static final int WAITING_MAX = 4;

    private final Path folder;
    private final Consumer<AgentMessage> out;
    private final @Nullable Attester attester;
    private final int level;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("tpm").daemon().factory());
    private final Map<LeaseId, TrustedLease> leases = new ConcurrentHashMap<>();
    private final Map<LeaseId, Integer> waiting = new ConcurrentHashMap<>();
    private Attester.@Nullable Lease introduction;
    private Octets certificate = Octets.EMPTY;

    private TrustDesk(
            Path folder, Consumer<AgentMessage> out, @Nullable Attester attester, int level) {
        this.folder = folder;
        this.out = out;
        this.attester = attester;
        this.level = level;
    }

    /// Opens the TPM, if there is one and its log of leases is whole.
    ///
    /// @param setting `auto`, `none`, a device, or `swtpm:` with a socket or a port
    /// @param bootLog what the firmware wrote down
    /// @param folder where leases' secrets and the log are kept
    public static TrustDesk open(
            String setting, Path bootLog, Path folder, Consumer<AgentMessage> out)
            throws IOException {
        AtomicFile.privateFolder(folder);
        SecureRandom random = new SecureRandom();
        Optional<Tpm> tpm = TpmSource.open(setting, random);
        if (tpm.isEmpty()) {
            return new TrustDesk(folder, out, null, 0);
        }
        Octets boot = TpmSource.bootLog(bootLog);
        try {
            Attester attester = attester(tpm.get(), random, boot, folder);
            boolean certified = attester.endorsementCertificate().isPresent();
            attester.agentStarted(TpmSource.programDigest());
            TrustDesk desk =
                    new TrustDesk(
                            folder, out, attester, !certified ? 0 : boot.length() == 0 ? 1 : 2);
            desk.keepLog(attester);
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "TPM opened level=" + desk.level + " bootLog=" + boot.length());
            return desk;
        } catch (IOException unusable) {
            tpm.get().close();
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "TPM is of no use, only open leases are sold cause=" + unusable);
            return new TrustDesk(folder, out, null, 0);
        }
    }

    /// The log that was kept belongs to the boot in which it was written; after the next boot the
    /// register is empty again.
    private static Attester attester(Tpm tpm, SecureRandom random, Octets boot, Path folder)
            throws IOException {
        Path file = folder.resolve("lease-log");
        if (Files.exists(file)) {
            try {
                LeaseLog kept = LeaseLog.parse(Files.readAllBytes(file));
                return Attester.open(tpm, random, boot, kept);
            } catch (IOException | EvidenceFormatException other) {
                LOG.log(
                        System.Logger.Level.INFO,
                        () -> "lease log is not of this boot cause=" + other);
            }
        }
        return Attester.open(tpm, random, boot, LeaseLog.empty());
    }

    private void keepLog(Attester open) throws IOException {
        AtomicFile.write(folder.resolve("lease-log"), open.leaseLog().toBytes());
    }

    /// The highest level that can be shown here: 0 without a TPM, 1 which computer it is, 2 what it
    /// booted.
    public int level() {
        return level;
    }

    /// Tells the coordinator which computer this is, when a session begins.
    public void introduce() {
        withTpm(
                "introduction",
                open -> {
                    Octets zero = Octets.repeated(0, LeaseTerms.LEASE_ID_LENGTH);
                    LeaseTerms terms =
                            new LeaseTerms(
                                    zero, INTRODUCTION, INTRODUCTION, INTRODUCTION, INTRODUCTION);
                    Attester.Lease made =
                            open.prepare(terms, INTRODUCTION, INTRODUCTION, BootPromise.identity());
                    introduction = made;
                    certificate = open.endorsementCertificate().orElse(Octets.EMPTY);
                    if (level > 0) {
                        out.accept(
                                new AgentMessage.TpmOffered(
                                        level,
                                        blob(certificate),
                                        new Blob(open.endorsementKey().toBytes()),
                                        new Blob(made.leaseKey().toBytes())));
                    }
                });
    }

    /// Opens the coordinator's secret.
    public void challenged(TpmChallenged challenge) {
        withTpm(
                "challenge",
                open -> {
                    Attester.Lease made = introduction;
                    if (made != null) {
                        JoinSecret secret =
                                open.open(
                                        made,
                                        credential(
                                                challenge.credential(), challenge.encryptedSeed()));
                        Octets about = Octets.of(HashAlgorithm.SHA256.hash(certificate.toBytes()));
                        out.accept(new AgentMessage.TpmProved(blob(secret.proof(about))));
                    }
                });
    }

    /// Tells a lease's buyer that his machine stands ready and still.
    public void ready(LeaseId lease) {
        answer(lease, new TrustAnswer.Ready());
    }

    /// Where a lease's trust stands.
    public synchronized Standing standing(LeaseId lease) throws IOException {
        TrustedLease known = find(lease);
        return known == null ? new Standing.Waiting() : known.standing();
    }

    /// Does what a lease's buyer says.
    ///
    /// @param overlayKey public key of the lease's attachment, 32 bytes
    /// @param admitted takes the members that the machine may talk with, when that changes
    public void asked(
            LeaseOffered offer,
            byte[] overlayKey,
            TrustQuestion question,
            Consumer<Standing.Admitted> admitted) {
        LeaseId id = offer.lease();
        if (waiting.merge(id, 1, Integer::sum) > WAITING_MAX) {
            waiting.merge(id, -1, Integer::sum);
            LOG.log(System.Logger.Level.WARNING, () -> "question dropped lease=" + id);
            return;
        }
        withTpm(
                "question of lease " + id,
                open -> {
                    waiting.computeIfPresent(id, (_, count) -> count > 1 ? count - 1 : null);
                    try {
                        obey(open, offer, overlayKey, question, admitted);
                    } catch (IOException failed) {
                        LOG.log(
                                System.Logger.Level.WARNING,
                                () -> "trust failed lease=" + id + " cause=" + failed);
                        String why = String.valueOf(failed.getMessage());
                        answer(
                                id,
                                new TrustAnswer.Failed(
                                        why.substring(0, Math.min(400, why.length()))));
                    }
                });
    }

    private synchronized void obey(
            Attester open,
            LeaseOffered offer,
            byte[] overlayKey,
            TrustQuestion question,
            Consumer<Standing.Admitted> admitted)
            throws IOException {
        LeaseId id = offer.lease();
        switch (question) {
            case TrustQuestion.Challenge challenge -> {
                TrustedLease lease = begun(open, offer, overlayKey, challenge);
                Evidence evidence =
                        open.evidence(
                                lease.lease(),
                                challenge.sequence() == 0
                                        ? Binding.Moment.START
                                        : Binding.Moment.AGAIN,
                                challenge.sequence(),
                                octets(challenge.nonce()),
                                List.of(),
                                List.of());
                lease.gave(evidence);
                lease.store(folder, id);
                answer(id, TrustAnswer.Evidence.of(challenge.nonce(), evidence.toBytes()));
            }
            case TrustQuestion.Grant(Blob blob, Blob seed) -> {
                TrustedLease lease = known(id);
                JoinSecret secret = open.open(lease.lease(), credential(blob, seed));
                answer(id, new TrustAnswer.Proof(blob(lease.opened(secret))));
            }
            case TrustQuestion.Admission(Blob sealed) -> {
                TrustedLease lease = known(id);
                lease.admit(sealed.toBytes());
                lease.store(folder, id);
                if (lease.standing() instanceof Standing.Admitted now) {
                    admitted.accept(now);
                }
            }
            case TrustQuestion.Refusal _ -> {}
        }
    }

    /// The lease in the computer's log, which it enters with the first challenge, before its
    /// machine runs.
    private TrustedLease begun(
            Attester open, LeaseOffered offer, byte[] overlayKey, TrustQuestion.Challenge challenge)
            throws IOException {
        LeaseTerms terms =
                new LeaseTerms(
                        Octets.of(TrustTerms.lease(offer.lease())),
                        Octets.ofHex(offer.image().value()),
                        Octets.of(
                                TrustTerms.machine(
                                        offer.size(),
                                        offer.hostName(),
                                        offer.network(),
                                        offer.rank(),
                                        offer.machines(),
                                        offer.authorizedKeys())),
                        octets(challenge.policyDigest()),
                        octets(challenge.gatewayKey()));
        TrustedLease known = find(offer.lease());
        if (known != null) {
            if (!known.lease().terms().equals(terms) || known.level() != challenge.level()) {
                throw new IOException("the lease began with another policy, level or gateway");
            }
            return known;
        }
        if (challenge.level() < 1 || challenge.level() > level) {
            throw new IOException("this computer shows no more than level " + level);
        }
        BootPromise promise =
                BootPromise.of(Level.numbered(challenge.level()).orElse(Level.CONFIDENTIAL));
        TrustedLease made =
                new TrustedLease(
                        open.begin(terms, Octets.of(overlayKey), promise), challenge.level());
        keepLog(open);
        leases.put(offer.lease(), made);
        return made;
    }

    /// Writes down that a machine is gone; again and again if need be.
    public void ended(LeaseId id) {
        withTpm("end of lease " + id, open -> close(open, id));
    }

    private synchronized void close(Attester open, LeaseId id) throws IOException {
        TrustedLease lease = find(id);
        if (lease != null) {
            open.ended(lease.lease());
            keepLog(open);
            leases.remove(id);
            KeptTrust.forget(folder, id);
        }
    }

    private TrustedLease known(LeaseId id) throws IOException {
        TrustedLease lease = find(id);
        if (lease == null) {
            throw new IOException("the lease was never challenged");
        }
        return lease;
    }

    private @Nullable TrustedLease find(LeaseId id) throws IOException {
        TrustedLease known = leases.get(id);
        if (known == null) {
            Optional<KeptTrust> kept = KeptTrust.load(folder, id);
            if (kept.isPresent()) {
                known = TrustedLease.of(kept.get());
                leases.put(id, known);
            }
        }
        return known;
    }

    @FunctionalInterface
    private interface Work {
        void with(Attester attester) throws IOException;
    }

    private void withTpm(String what, Work work) {
        Attester open = attester;
        if (open == null) {
            return;
        }
        var _ =
                thread.submit(() -> {
                    try {
                        work.with(open);
                    } catch (IOException | RuntimeException failed) {
                        LOG.log(
                                System.Logger.Level.ERROR,
                                () -> "TPM failed during " + what,
                                failed);
                    }
                });
    }

    private void answer(LeaseId lease, TrustAnswer answer) {
        out.accept(new AgentMessage.TrustAnswered(lease, answer));
    }

    private static Credential credential(Blob credential, Blob seed) {
        return new Credential(octets(credential), octets(seed));
    }

    private static Octets octets(Blob blob) {
        return Octets.of(blob.toBytes());
    }

    private static Blob blob(Octets octets) {
        return new Blob(octets.toBytes());
    }

    @Override
    public void close() throws IOException {
        thread.close();
        Attester open = attester;
        if (open != null) {
            open.close();
        }
    }
}
