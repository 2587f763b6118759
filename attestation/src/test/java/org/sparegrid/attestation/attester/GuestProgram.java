// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.attester;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import org.sparegrid.attestation.certificate.EndorsementCertificates;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.protocol.Binding;
import org.sparegrid.attestation.protocol.BootPromise;
import org.sparegrid.attestation.protocol.Evidence;
import org.sparegrid.attestation.protocol.EvidenceExpectation;
import org.sparegrid.attestation.protocol.EvidenceResult;
import org.sparegrid.attestation.protocol.EvidenceVerifier;
import org.sparegrid.attestation.protocol.JoinSecret;
import org.sparegrid.attestation.protocol.LeaseLog;
import org.sparegrid.attestation.protocol.LeaseTerms;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.tpm.device.DeviceConnection;
import org.sparegrid.attestation.tpm.device.Tpm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What runs inside the guest of [GuestIT]: it shows what it booted, on the kernel's TPM device.
public final class GuestProgram {
    static final LeaseTerms TERMS =
            new LeaseTerms(
                    Octets.repeated(1, 16),
                    Octets.repeated(2, 32),
                    Octets.repeated(3, 32),
                    Octets.repeated(4, 32),
                    Octets.repeated(5, 32));
    static final BootPromise PROMISE = BootPromise.appliance(new TreeMap<>());

    private GuestProgram() {}

    /// Prints evidence for the nonce `arguments[0]`, and what its own verifier says of it.
    public static void main(String[] arguments) throws IOException, EvidenceFormatException {
        SecureRandom random = new SecureRandom();
        Octets nonce = Octets.ofHex(arguments[0]);
        Octets log = Octets.of(Files.readAllBytes(Path.of(BootLog.LINUX_PATH)));
        Tpm tpm = new Tpm(DeviceConnection.open(DeviceConnection.DEFAULT), random);
        try (Attester attester = Attester.open(tpm, random, log, LeaseLog.empty())) {
            attester.agentStarted(Octets.repeated(9, 32));
            Attester.Lease lease = attester.begin(TERMS, Octets.repeated(6, 32), PROMISE);
            Evidence evidence =
                    attester.evidence(lease, Binding.Moment.START, 0, nonce, List.of(), List.of());
            System.out.println("SAYS " + says(evidence, nonce));
            JoinSecret.Grant grant =
                    JoinSecret.grant(attester.endorsementKey(), lease.leaseKey(), random);
            JoinSecret opened = attester.open(lease, grant.credential());
            boolean same =
                    opened.proof(evidence.digest()).equals(grant.secret().proof(evidence.digest()));
            System.out.println("SECRET " + (same ? "opened" : "another"));
            System.out.println(
                    "EVIDENCE " + Base64.getEncoder().encodeToString(evidence.toBytes()));
        }
    }

    static String says(Evidence evidence, Octets nonce) throws EvidenceFormatException {
        EvidenceResult result =
                EvidenceVerifier.verify(
                        evidence,
                        new EvidenceExpectation(
                                TERMS,
                                Binding.Moment.START,
                                0,
                                nonce,
                                PROMISE,
                                EndorsementCertificates.keyOf(
                                        EndorsementCertificates.fromStorage(
                                                evidence.endorsementCertificates()
                                                        .getFirst()
                                                        .toBytes())),
                                new ClockRule.First(),
                                1));
        return switch (result) {
            case EvidenceResult.Verified _ -> "verified";
            case EvidenceResult.Refused(var fault, var finding) -> fault + " " + finding;
        };
    }
}
