// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparegrid.attestation.eventlog.SecureBoot;
import org.sparegrid.attestation.protocol.LeaseTrust.Event;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.ClockInfo;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Secret;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class LeaseTrustTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final TrustTiming TIMING = TrustTiming.DEFAULT;
    private static final Octets DIGEST = Octets.repeated(0x33, 32);
    private static final JoinSecret SECRET = new JoinSecret(Secret.of(new byte[32]));
    private static final LeaseTrust OFFERED = LeaseTrust.offered(Actors.NONCE, NOW);
    private static final PublicArea KEY = Actors.endorsement();

    private static EvidenceResult verified(PublicArea leaseKey) {
        Attestation said =
                new Attestation(
                        Octets.EMPTY,
                        Octets.EMPTY,
                        new ClockInfo(1, 1, 1, true),
                        1,
                        List.of(),
                        Octets.EMPTY);
        return new EvidenceResult.Verified(
                said, Actors.ENDORSEMENT, leaseKey, SecureBoot.ENABLED, List.of());
    }

    private static Event checked(EvidenceResult result, Nonces.Use use, Instant askedAt) {
        return new Event.EvidenceChecked(result, use, DIGEST, askedAt);
    }

    private static Event good(Instant askedAt) {
        return checked(verified(KEY), Nonces.Use.GOOD, askedAt);
    }

    private static LeaseTrust granted() {
        return OFFERED.after(good(NOW), NOW, TIMING)
                .after(new Event.SecretSent(SECRET), NOW, TIMING);
    }

    private static LeaseTrust admitted() {
        return granted().after(new Event.ProofCame(SECRET.proof(DIGEST)), NOW, TIMING);
    }

    private static LeaseTrust asked(Instant now) {
        return admitted().after(new Event.QuoteAsked(Actors.NONCE), now, TIMING);
    }

    private static void refused(LeaseTrust state, EvidenceFault fault) {
        assertThat(state.admits()).isFalse();
        assertThat(state)
                .isInstanceOfSatisfying(
                        LeaseTrust.Refused.class,
                        refused -> assertThat(refused.fault()).isEqualTo(fault));
    }

    private static void revoked(LeaseTrust state, EvidenceFault fault) {
        assertThat(state.admits()).isFalse();
        assertThat(state)
                .isInstanceOfSatisfying(
                        LeaseTrust.Revoked.class,
                        revoked -> assertThat(revoked.fault()).isEqualTo(fault));
    }

    @Test
    void admitsAfterEvidenceAndProof() {
        assertThat(OFFERED.admits()).isFalse();
        assertThat(OFFERED.after(good(NOW), NOW, TIMING).admits()).isFalse();
        assertThat(granted().admits()).isFalse();
        assertThat(admitted().admits()).isTrue();
        assertThat(admitted().after(new Event.Ended(), NOW, TIMING))
                .isEqualTo(new LeaseTrust.Closed());
    }

    @Test
    void refusesWithTheReasonOfTheEvidenceOrNonce() {
        EvidenceResult bad = new EvidenceResult.Refused(EvidenceFault.PCR_POLICY, "no");
        refused(
                OFFERED.after(checked(bad, Nonces.Use.GOOD, NOW), NOW, TIMING),
                EvidenceFault.PCR_POLICY);
        refused(
                OFFERED.after(checked(verified(KEY), Nonces.Use.UNKNOWN, NOW), NOW, TIMING),
                EvidenceFault.NONCE_UNKNOWN);
        refused(
                OFFERED.after(checked(verified(KEY), Nonces.Use.EXPIRED, NOW), NOW, TIMING),
                EvidenceFault.NONCE_EXPIRED);
        refused(
                OFFERED.after(checked(verified(KEY), Nonces.Use.REUSED, NOW), NOW, TIMING),
                EvidenceFault.NONCE_REUSED);
        refused(
                OFFERED.after(new Event.Ticked(), NOW.plusSeconds(61), TIMING),
                EvidenceFault.NONCE_EXPIRED);
    }

    @Test
    void refusesAProofThatIsWrongForOtherEvidenceOrLate() {
        Octets otherEvidence = SECRET.proof(Octets.repeated(0x34, 32));
        refused(
                granted().after(new Event.ProofCame(otherEvidence), NOW, TIMING),
                EvidenceFault.CREDENTIAL_FAILED);
        Event right = new Event.ProofCame(SECRET.proof(DIGEST));
        refused(
                granted().after(right, NOW.plusSeconds(61), TIMING),
                EvidenceFault.CREDENTIAL_FAILED);
        refused(
                granted().after(new Event.Ticked(), NOW.plusSeconds(61), TIMING),
                EvidenceFault.CREDENTIAL_FAILED);
        assertThat(OFFERED.after(right, NOW, TIMING)).isEqualTo(OFFERED);
    }

    @Test
    void asksAgainAndGoesOn() {
        Instant later = NOW.plus(TIMING.again());
        assertThat(admitted().wantsQuote(later.minusSeconds(1), TIMING)).isFalse();
        assertThat(admitted().wantsQuote(later, TIMING)).isTrue();
        LeaseTrust asked = asked(later);
        assertThat(asked.admits()).isTrue();
        assertThat(asked.wantsQuote(later, TIMING)).isFalse();
        LeaseTrust again = asked.after(good(later), later, TIMING);
        assertThat(again)
                .isInstanceOfSatisfying(
                        LeaseTrust.Admitted.class,
                        admitted -> {
                            assertThat(admitted.quoted().sequence()).isEqualTo(1);
                            assertThat(admitted.quoted().at()).isEqualTo(later);
                        });
    }

    @Test
    void revokesOnABadQuoteAnotherKeyOrSilence() {
        Instant later = NOW.plus(TIMING.again());
        EvidenceResult reset = new EvidenceResult.Refused(EvidenceFault.CLOCK_RESET, "no");
        revoked(
                asked(later).after(checked(reset, Nonces.Use.GOOD, later), later, TIMING),
                EvidenceFault.CLOCK_RESET);
        revoked(
                asked(later).after(checked(verified(KEY), Nonces.Use.REUSED, later), later, TIMING),
                EvidenceFault.NONCE_REUSED);
        revoked(
                asked(later)
                        .after(
                                checked(verified(Actors.endorsement()), Nonces.Use.GOOD, later),
                                later,
                                TIMING),
                EvidenceFault.CREDENTIAL_FAILED);
        Instant silent = NOW.plus(TIMING.silenceMax());
        assertThat(asked(later).after(new Event.Ticked(), silent, TIMING).admits()).isTrue();
        revoked(
                asked(later).after(new Event.Ticked(), silent.plusMillis(1), TIMING),
                EvidenceFault.REATTEST_TIMEOUT);
        revoked(
                admitted().after(new Event.Ticked(), silent.plusMillis(1), TIMING),
                EvidenceFault.REATTEST_TIMEOUT);
    }

    /// Whatever comes in whatever order: no machine is in the overlay without a good quote that is
    /// fresh and a proof, and nothing leads out of a refusal.
    @Test
    void noOrderOfEventsAdmitsWithoutEvidenceAndProof() {
        Property.holds(
                2_000,
                random -> {
                    LeaseTrust state = OFFERED;
                    Instant now = NOW;
                    List<Class<?>> path = new ArrayList<>();
                    for (int i = 0; i < 30; i++) {
                        now = now.plus(Duration.ofSeconds(random.nextInt(200)));
                        Event event =
                                switch (random.nextInt(7)) {
                                    case 0 -> good(now);
                                    case 1 -> checked(verified(KEY), Nonces.Use.REUSED, now);
                                    case 2 -> new Event.SecretSent(SECRET);
                                    case 3 -> new Event.ProofCame(SECRET.proof(DIGEST));
                                    case 4 -> new Event.ProofCame(Octets.repeated(0, 32));
                                    case 5 -> new Event.QuoteAsked(Actors.NONCE);
                                    default -> new Event.Ticked();
                                };
                        LeaseTrust next = state.after(event, now, TIMING);
                        path.add(next.getClass());
                        if (next.admits()) {
                            assertThat(path).contains(LeaseTrust.Verified.class);
                            assertThat(path).contains(LeaseTrust.Granted.class);
                        }
                        if (state instanceof LeaseTrust.Refused
                                || state instanceof LeaseTrust.Revoked) {
                            assertThat(next).isEqualTo(state);
                        }
                        state = next;
                    }
                    LeaseTrust silent =
                            state.after(new Event.Ticked(), now.plus(Duration.ofHours(1)), TIMING);
                    assertThat(silent.admits()).isFalse();
                });
    }
}
