// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.attester;

import java.io.Closeable;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.protocol.Binding;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseKey;
import org.sparegrid.attestation.protocol.LeaseLog;
import org.sparegrid.attestation.protocol.LeaseSubject;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.tpm.Credential;
import org.sparegrid.attestation.tpm.EndorsementTemplate;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PolicyDigest;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.tpm.device.LoadedKey;
import org.sparegrid.attestation.tpm.device.PolicySession;
import org.sparegrid.attestation.tpm.device.Tpm;
import org.sparegrid.attestation.wire.Octets;

/// The agent's side: keeps the computer's lease log, makes a lease's evidence and opens the buyer's
/// secret. One thread uses it.
///
/// The caller keeps the log's bytes safe ([#leaseLog]) before the machine runs: a log that does not
/// lead to register 15 is worth nothing until the computer starts again.
public final class Attester implements Closeable {
    private final Tpm tpm;
    private final SecureRandom random;
    private final EndorsementTemplate template;
    private final Octets bootLog;
    private LeaseLog leaseLog;

    /// One lease on this computer.
    ///
    /// @param terms what its buyer asked for
    /// @param overlayKey public key of its machine in the overlay
    /// @param salt of its entries in the log
    /// @param leaseKey the lease's key
    /// @param bound the registers that the key is bound to, with their values when it was made
    /// @param promise which registers
    public record Lease(
            LeaseTerms terms,
            Octets overlayKey,
            Octets salt,
            PublicArea leaseKey,
            PcrValues bound,
            BootPromise promise) {
        LeaseSubject subject() {
            return new LeaseSubject(salt, terms, overlayKey);
        }
    }

    private Attester(
            Tpm tpm,
            SecureRandom random,
            EndorsementTemplate template,
            Octets bootLog,
            LeaseLog leaseLog) {
        this.tpm = tpm;
        this.random = random;
        this.template = template;
        this.bootLog = bootLog;
        this.leaseLog = leaseLog;
    }

    /// Begins on a computer.
    ///
    /// @param tpm is closed with it
    /// @param bootLog as firmware left it, or empty
    /// @param leaseLog what was extended since the computer started; empty after a start
    /// @throws IOException also if the log does not lead to register 15
    public static Attester open(Tpm tpm, SecureRandom random, Octets bootLog, LeaseLog leaseLog)
            throws IOException {
        EndorsementTemplate template = EndorsementTemplate.RSA_2048;
        for (EndorsementTemplate candidate : EndorsementTemplate.values()) {
            if (tpm.state().readMemory(candidate.certificateIndex()).isPresent()) {
                template = candidate;
                break;
            }
        }
        PcrSelection register = PcrSelection.of(HashAlgorithm.SHA256, LeaseLog.REGISTER);
        Octets value =
                tpm.state()
                        .read(register)
                        .value(LeaseLog.REGISTER)
                        .orElseThrow(() -> new IOException("TPM gave no register 15"));
        if (!leaseLog.register().equals(value)) {
            throw new IOException(
                    "lease log leads to "
                            + leaseLog.register()
                            + ", register 15 is "
                            + value
                            + "; something else extends it, or the log was lost since the start");
        }
        return new Attester(tpm, random, template, bootLog, leaseLog);
    }

    /// What was extended since the computer started.
    public LeaseLog leaseLog() {
        return leaseLog;
    }

    /// The endorsement certificate that the vendor put into the TPM, DER with its padding.
    public Optional<Octets> endorsementCertificate() throws IOException {
        return tpm.state().readMemory(template.certificateIndex()).map(Octets::of);
    }

    /// The endorsement key.
    public PublicArea endorsementKey() throws IOException {
        LoadedKey endorsement = tpm.createPrimary(Hierarchy.ENDORSEMENT, template.area());
        tpm.flush(endorsement);
        return endorsement.area();
    }

    /// Writes down that the agent has started.
    ///
    /// @param agentDigest of the agent's own program
    public void agentStarted(Octets agentDigest) throws IOException {
        extend(LeaseLog.Kind.AGENT_STARTED, agentDigest);
    }

    /// Writes down that a machine is about to run, and makes its lease's key. The machine must not
    /// run before this returns.
    public Lease begin(LeaseTerms terms, Octets overlayKey, BootPromise promise)
            throws IOException {
        byte[] bytes = new byte[LeaseTerms.DIGEST_LENGTH];
        random.nextBytes(bytes);
        Octets salt = Octets.of(bytes);
        extend(LeaseLog.Kind.MACHINE_STARTED, new LeaseSubject(salt, terms, overlayKey).digest());
        return prepare(terms, overlayKey, salt, promise);
    }

    /// Makes the key of something that is not a machine, such as the computer's own introduction;
    /// nothing is written down.
    public Lease prepare(LeaseTerms terms, Octets overlayKey, Octets salt, BootPromise promise)
            throws IOException {
        PcrValues bound = tpm.state().read(promise.bound());
        LoadedKey key = leaseKey(terms.leaseId(), bound);
        tpm.flush(key);
        return new Lease(terms, overlayKey, salt, key.area(), bound, promise);
    }

    /// Writes down that a machine has ended.
    public void ended(Lease lease) throws IOException {
        extend(LeaseLog.Kind.MACHINE_STOPPED, lease.subject().digest());
    }

    private void extend(LeaseLog.Kind kind, Octets subject) throws IOException {
        LeaseLog longer = leaseLog.with(kind, subject);
        tpm.state()
                .extend(
                        LeaseLog.REGISTER,
                        HashAlgorithm.SHA256,
                        longer.entries().getLast().digest());
        leaseLog = longer;
    }

    private LoadedKey leaseKey(Octets leaseId, PcrValues bound) throws IOException {
        return tpm.createPrimary(Hierarchy.ENDORSEMENT, LeaseKey.template(leaseId, bound));
    }

    /// Makes the evidence of a lease at a moment.
    ///
    /// @param intermediates certificates that the endorsement certificate needs, DER
    /// @param attachments the processor's reports, if any
    public Evidence evidence(
            Lease lease,
            Binding.Moment moment,
            long sequence,
            Octets nonce,
            List<Octets> intermediates,
            List<Evidence.Attachment> attachments)
            throws IOException {
        Binding binding =
                new Binding(
                        lease.terms(),
                        moment,
                        sequence,
                        lease.overlayKey(),
                        nonce,
                        leaseLog.digest());
        PublicArea endorsement = endorsementKey();
        LoadedKey key = leaseKey(lease.terms().leaseId(), lease.bound());
        try {
            SignedQuote quote = tpm.quote(key, binding.qualifyingData(), lease.promise().quoted());
            List<Octets> certificates =
                    java.util.stream.Stream.concat(
                                    endorsementCertificate().stream(), intermediates.stream())
                            .toList();
            return new Evidence(
                    lease.terms(),
                    lease.overlayKey(),
                    lease.salt(),
                    certificates,
                    Octets.of(endorsement.toBytes()),
                    Octets.of(key.area().toBytes()),
                    quote,
                    tpm.state().read(lease.promise().quoted()),
                    bootLog,
                    Octets.of(leaseLog.toBytes()),
                    attachments);
        } finally {
            tpm.flush(key);
        }
    }

    /// Opens the buyer's secret, which the TPM does only while the bound registers are as they
    /// were.
    ///
    /// @throws org.sparegrid.attestation.tpm.device.TpmException if they are not, or the secret is
    ///   for other keys
    public JoinSecret open(Lease lease, Credential credential) throws IOException {
        LoadedKey endorsement = tpm.createPrimary(Hierarchy.ENDORSEMENT, template.area());
        try {
            LoadedKey key = leaseKey(lease.terms().leaseId(), lease.bound());
            try {
                PolicySession session = tpm.startPolicy(HashAlgorithm.SHA256);
                tpm.policyPcr(session, lease.promise().bound());
                tpm.policyCommandCode(session, PolicyDigest.ACTIVATE_CREDENTIAL);
                return new JoinSecret(
                        tpm.activateCredential(key, session, endorsement, template, credential));
            } finally {
                tpm.flush(key);
            }
        } finally {
            tpm.flush(endorsement);
        }
    }

    /// The TPM itself, for what an agent does beside leases.
    public Tpm tpm() {
        return tpm;
    }

    @Override
    public void close() throws IOException {
        tpm.close();
    }
}
