// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class EncodingTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /// The example of docs/protocol/attestation.md.
    @Test
    void aBindingHasOneEncoding() {
        Binding binding = Actors.binding(LeaseLog.empty());
        byte[] bytes = binding.toBytes();
        assertThat(bytes).hasSize(320);
        assertThat(Octets.of(Arrays.copyOf(bytes, 40)))
                .hasToString(
                        "53475249442d42494e4401"
                                + "000100000010"
                                + "01010101010101010101010101010101"
                                + "00020000000101");
        assertThat(binding.qualifyingData()).isEqualTo(Octets.of(HashAlgorithm.SHA256.hash(bytes)));
        assertThat(binding.reportData().length()).isEqualTo(64);
    }

    @Test
    void readsTheEvidenceThatItWrote() throws GeneralSecurityException, EvidenceFormatException {
        Evidence evidence = Actors.evidence();
        byte[] bytes = evidence.toBytes();
        Evidence read = Evidence.parse(bytes);
        assertThat(read).isEqualTo(evidence);
        assertThat(read.toBytes()).isEqualTo(bytes);
        assertThat(read.digest()).isEqualTo(Octets.of(HashAlgorithm.SHA256.hash(bytes)));
    }

    @Test
    void everyTruncationOfEvidenceIsRefused() throws GeneralSecurityException {
        byte[] bytes = Actors.evidence().toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Evidence.parse(cut))
                    .isInstanceOf(EvidenceFormatException.class);
        }
        byte[] more = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> Evidence.parse(more))
                .hasMessageContaining("expected the end")
                .isInstanceOf(EvidenceFormatException.class);
    }

    @Test
    void evidenceHasNoSecondEncoding() throws GeneralSecurityException {
        byte[] bytes = Actors.evidence().toBytes();
        Property.holds(
                5_000,
                random -> {
                    byte[] changed = bytes.clone();
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        changed[random.nextInt(800)] = (byte) random.nextInt();
                    }
                    try {
                        assertThat(Evidence.parse(changed).toBytes()).isEqualTo(changed);
                    } catch (EvidenceFormatException expected) {
                        assertThat(expected.getMessage()).contains(": expected ");
                    }
                });
    }

    @Test
    void refusesFieldsOutOfOrderAndOtherVersions() throws GeneralSecurityException {
        byte[] version = Actors.evidence().toBytes();
        version[14] = 2;
        assertThatThrownBy(() -> Evidence.parse(version))
                .hasMessage("SGRID-EVIDENCE: expected version 1 at offset 14, got 0x2");
        byte[] field = Actors.evidence().toBytes();
        field[16] = 2;
        assertThatThrownBy(() -> Evidence.parse(field))
                .hasMessage("SGRID-EVIDENCE: expected field 1 at offset 15, got 0x2");
        byte[] title = Actors.evidence().toBytes();
        title[0] = 'X';
        assertThatThrownBy(() -> Evidence.parse(title)).hasMessageContaining("this title");
    }

    @Test
    void aLeaseLogHoldsEveryEntryInOrder() throws EvidenceFormatException {
        LeaseLog log = Actors.started().with(LeaseLog.Kind.MACHINE_STOPPED, Actors.SALT);
        assertThat(LeaseLog.parse(log.toBytes())).isEqualTo(log);
        byte[] bytes = log.toBytes();
        byte[] dropped = Arrays.copyOfRange(bytes, 41, bytes.length);
        assertThatThrownBy(() -> LeaseLog.parse(dropped))
                .hasMessage("lease log: expected sequence 0 at offset 1, got 0x1");
        byte[] doubled = Arrays.copyOf(bytes, bytes.length + 41);
        System.arraycopy(bytes, 82, doubled, 123, 41);
        assertThatThrownBy(() -> LeaseLog.parse(doubled))
                .hasMessage("lease log: expected sequence 3 at offset 124, got 0x2");
        byte[] kind = bytes.clone();
        kind[0] = 9;
        assertThatThrownBy(() -> LeaseLog.parse(kind)).hasMessageContaining("kind 1, 2 or 3");
        assertThat(LeaseLog.empty().register()).isEqualTo(Octets.repeated(0, 32));
        assertThat(log.running()).isZero();
    }

    @Test
    void nonceIsGoodOnceAndForAMinute() {
        Nonces nonces = new Nonces(new SecureRandom());
        Octets one = nonces.issue(NOW);
        assertThat(nonces.redeem(one, NOW.plusSeconds(60))).isEqualTo(Nonces.Use.GOOD);
        assertThat(nonces.redeem(one, NOW.plusSeconds(60))).isEqualTo(Nonces.Use.REUSED);
        Octets late = nonces.issue(NOW);
        assertThat(nonces.redeem(late, NOW.plusSeconds(61))).isEqualTo(Nonces.Use.EXPIRED);
        assertThat(nonces.redeem(late, NOW)).isEqualTo(Nonces.Use.REUSED);
        assertThat(nonces.redeem(Octets.repeated(0, 32), NOW)).isEqualTo(Nonces.Use.UNKNOWN);
        nonces.issue(NOW.plusSeconds(3_600));
        assertThat(nonces.redeem(one, NOW)).isEqualTo(Nonces.Use.UNKNOWN);
    }

    /// CVE-2026-6420 of another verifier: its nonce was a constant.
    @Test
    void noncesDifferAndAreBounded() {
        Nonces nonces = new Nonces(new SecureRandom());
        Set<Octets> all = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            all.add(nonces.issue(NOW));
        }
        assertThat(all).hasSize(10_000);
        assertThatThrownBy(() -> nonces.issue(NOW)).isInstanceOf(IllegalStateException.class);
        assertThat(nonces.issue(NOW.plusSeconds(3_600))).isNotIn(all);
    }
}
