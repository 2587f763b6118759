// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sparegrid.attestation.eventlog.BootLog;
import org.sparegrid.attestation.eventlog.Logs;
import org.sparegrid.attestation.quote.ClockRule;
import org.sparegrid.attestation.quote.SoftwareKey;
import org.sparegrid.attestation.tpm.ClockInfo;
import org.sparegrid.attestation.tpm.EndorsementTemplate;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.KeyMaterial;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// A buyer, and a computer whose TPM is played in software with the registers and the boot log of a
/// real boot.
final class Actors {
    static final LeaseTerms TERMS =
            new LeaseTerms(
                    Octets.repeated(1, 16),
                    Octets.repeated(2, 32),
                    Octets.repeated(3, 32),
                    Octets.repeated(4, 32),
                    Octets.repeated(5, 32));
    static final Octets OVERLAY_KEY = Octets.repeated(6, 32);
    static final Octets SALT = Octets.repeated(7, 32);
    static final Octets NONCE = Octets.repeated(8, 32);
    static final Octets BOOT_LOG = Octets.of(Logs.file("own_ovmf_uki.bin"));
    static final ClockInfo CLOCK = new ClockInfo(1_000_000, 3, 0, true);
    static final BootPromise PROMISE = BootPromise.appliance(required());
    static final PublicArea ENDORSEMENT = endorsement();

    private Actors() {}

    private static PcrValues firmware() {
        try {
            return BootLog.parse(BOOT_LOG.toBytes()).replay(HashAlgorithm.SHA256);
        } catch (EvidenceFormatException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static SortedMap<Integer, Octets> required() {
        SortedMap<Integer, Octets> required = new TreeMap<>();
        required.put(11, firmware().value(11).orElseThrow());
        return required;
    }

    static PublicArea endorsement() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] modulus =
                    ((RSAPublicKey) generator.generateKeyPair().getPublic())
                            .getModulus()
                            .toByteArray();
            PublicArea template = EndorsementTemplate.RSA_2048.area();
            return new PublicArea(
                    template.nameAlgorithm(),
                    template.attributes(),
                    template.authPolicy(),
                    template.aesKeyBits(),
                    template.scheme(),
                    new KeyMaterial.Rsa(
                            2048,
                            0,
                            Octets.of(
                                    Arrays.copyOfRange(
                                            modulus, modulus.length - 256, modulus.length))));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static LeaseSubject subject() {
        return new LeaseSubject(SALT, TERMS, OVERLAY_KEY);
    }

    static LeaseLog started() {
        return LeaseLog.empty()
                .with(LeaseLog.Kind.AGENT_STARTED, Octets.repeated(9, 32))
                .with(LeaseLog.Kind.MACHINE_STARTED, subject().digest());
    }

    static PcrValues registers(LeaseLog log) {
        SortedMap<Integer, Octets> values = new TreeMap<>(firmware().values());
        values.keySet().removeIf(register -> !PROMISE.quoted().selects(register));
        for (int untouched : List.of(12, 13)) {
            values.put(untouched, Octets.repeated(0, 32));
        }
        values.put(LeaseLog.REGISTER, log.register());
        return new PcrValues(HashAlgorithm.SHA256, values);
    }

    static SoftwareKey leaseKey(long attributes, PcrValues registers)
            throws GeneralSecurityException {
        return new SoftwareKey(attributes, LeaseKey.policy(PROMISE.bound(registers)));
    }

    static SoftwareKey leaseKey() throws GeneralSecurityException {
        return leaseKey(LeaseKey.ATTRIBUTES.bits(), registers(started()));
    }

    static Binding binding(LeaseLog log) {
        return new Binding(TERMS, Binding.Moment.START, 0, OVERLAY_KEY, NONCE, log.digest());
    }

    static Evidence evidence(SoftwareKey key, LeaseLog log, Binding binding, ClockInfo clock)
            throws GeneralSecurityException {
        PcrValues registers = registers(log);
        return new Evidence(
                binding.terms(),
                binding.overlayKey(),
                SALT,
                List.of(Octets.of("certificate".getBytes(StandardCharsets.US_ASCII))),
                Octets.of(ENDORSEMENT.toBytes()),
                Octets.of(key.area().toBytes()),
                key.sign(key.says(binding.qualifyingData(), registers, clock).toBytes()),
                registers,
                BOOT_LOG,
                Octets.of(log.toBytes()),
                List.of(new Evidence.Attachment(4, Octets.repeated(1, 10))));
    }

    static Evidence evidence() throws GeneralSecurityException {
        return evidence(leaseKey(), started(), binding(started()), CLOCK);
    }

    static EvidenceExpectation expected(ClockRule clock) {
        return expected(TERMS, Binding.Moment.START, 0, NONCE, clock);
    }

    static EvidenceExpectation expected(
            LeaseTerms terms, Binding.Moment moment, long sequence, Octets nonce, ClockRule clock) {
        try {
            return new EvidenceExpectation(
                    terms,
                    moment,
                    sequence,
                    nonce,
                    PROMISE,
                    ENDORSEMENT.material().toPublicKey(),
                    clock,
                    2);
        } catch (EvidenceFormatException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
