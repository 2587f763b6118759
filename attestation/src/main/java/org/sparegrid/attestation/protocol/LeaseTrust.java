// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.protocol;

import java.time.Instant;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.ClockInfo;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.wire.Octets;

/// How far the buyer's end of the overlay trusts the machine of one lease. Pure: events and time
/// in, next state out; whoever runs it sends the messages and admits or removes the machine.
///
/// ```text
///  Offered -> Verified -> Granted -> Admitted <-> Asked -> Closed
///     |          |           |          |           |
///     +----------+-----------+          +-----------+
///                |                            |
///             Refused                      Revoked
/// ```
public sealed interface LeaseTrust {
    /// The agent has the terms and a nonce.
    record Offered(Octets nonce, Instant until) implements LeaseTrust {}

    /// The evidence is good; the secret has not been sent.
    record Verified(Keys keys, Quoted quoted, Octets evidenceDigest) implements LeaseTrust {}

    /// The secret is on its way.
    record Granted(
            Keys keys, Quoted quoted, Octets evidenceDigest, JoinSecret secret, Instant until)
            implements LeaseTrust {}

    /// The machine is in the overlay and runs.
    record Admitted(Keys keys, Quoted quoted, JoinSecret secret) implements LeaseTrust {}

    /// The machine is in the overlay and has been asked for another quote.
    record Asked(Keys keys, Quoted quoted, JoinSecret secret, Octets nonce) implements LeaseTrust {}

    /// The lease ended in good order.
    record Closed() implements LeaseTrust {}

    /// The machine never was in the overlay and will not be.
    record Refused(EvidenceFault fault, String finding) implements LeaseTrust {}

    /// The machine was in the overlay and has to leave it at once.
    record Revoked(EvidenceFault fault, String finding) implements LeaseTrust {}

    /// The keys that were seen at the start and stay the same to the end.
    ///
    /// @param endorsementKey the TPM
    /// @param leaseKey the lease's key in it
    record Keys(PublicArea endorsementKey, PublicArea leaseKey) {}

    /// The last good quote.
    ///
    /// @param sequence its number in the lease
    /// @param clock the TPM's clock in it
    /// @param at when its nonce was given out: the machine was good then, not later
    record Quoted(long sequence, ClockInfo clock, Instant at) {}

    /// Something that happens to a lease's trust.
    sealed interface Event {
        /// Evidence came and was checked.
        ///
        /// @param result what the check said
        /// @param use what its nonce is worth
        /// @param evidenceDigest its digest
        /// @param askedAt when its nonce was given out
        record EvidenceChecked(
                EvidenceResult result, Nonces.Use use, Octets evidenceDigest, Instant askedAt)
                implements Event {}

        /// The secret was sent.
        record SecretSent(JoinSecret secret) implements Event {}

        /// The agent shows that it opened the secret.
        record ProofCame(Octets proof) implements Event {}

        /// Another quote was asked for.
        record QuoteAsked(Octets nonce) implements Event {}

        /// Time has passed.
        record Ticked() implements Event {}

        /// The lease ended as agreed.
        record Ended() implements Event {}
    }

    /// A lease that has just been offered.
    static LeaseTrust offered(Octets nonce, Instant now) {
        return new Offered(nonce, now.plus(Nonces.LIFETIME));
    }

    /// Whether the machine may be in the overlay.
    default boolean admits() {
        return this instanceof Admitted || this instanceof Asked;
    }

    /// Whether it is time to ask for another quote.
    default boolean wantsQuote(Instant now, TrustTiming timing) {
        return this instanceof Admitted(Keys _, Quoted quoted, JoinSecret _)
                && !now.isBefore(quoted.at().plus(timing.again()));
    }

    /// The state after an event. An event that does not fit the state changes nothing.
    default LeaseTrust after(Event event, Instant now, TrustTiming timing) {
        return switch (event) {
            case Event.EvidenceChecked checked -> afterEvidence(checked);
            case Event.SecretSent(JoinSecret secret) ->
                    this instanceof Verified(Keys keys, Quoted quoted, Octets digest)
                            ? new Granted(keys, quoted, digest, secret, now.plus(timing.answer()))
                            : this;
            case Event.ProofCame(Octets proof) -> afterProof(proof, now);
            case Event.QuoteAsked(Octets nonce) ->
                    this instanceof Admitted(Keys keys, Quoted quoted, JoinSecret secret)
                            ? new Asked(keys, quoted, secret, nonce)
                            : this;
            case Event.Ticked() -> afterTime(now, timing);
            case Event.Ended() ->
                    this instanceof Refused || this instanceof Revoked ? this : new Closed();
        };
    }

    private LeaseTrust afterEvidence(Event.EvidenceChecked checked) {
        return switch (this) {
            case Offered _ ->
                    switch (checked.result()) {
                        case EvidenceResult.Refused(EvidenceFault fault, String finding) ->
                                new Refused(fault, finding);
                        case EvidenceResult.Verified verified ->
                                switch (checked.use()) {
                                    case GOOD -> verified(verified, checked);
                                    case UNKNOWN, EXPIRED, REUSED -> {
                                        EvidenceFault fault = fault(checked.use());
                                        yield new Refused(fault, finding(fault));
                                    }
                                };
                    };
            case Asked asked -> afterAnother(asked, checked);
            case Verified _, Granted _, Admitted _, Closed _, Refused _, Revoked _ -> this;
        };
    }

    private static LeaseTrust verified(
            EvidenceResult.Verified verified, Event.EvidenceChecked checked) {
        return new Verified(
                new Keys(verified.endorsementKey(), verified.leaseKey()),
                quoted(verified.attestation(), 0, checked.askedAt()),
                checked.evidenceDigest());
    }

    private static LeaseTrust afterAnother(Asked asked, Event.EvidenceChecked checked) {
        if (checked.use() != Nonces.Use.GOOD) {
            EvidenceFault fault = fault(checked.use());
            return new Revoked(fault, finding(fault));
        }
        return switch (checked.result()) {
            case EvidenceResult.Refused(EvidenceFault fault, String finding) ->
                    new Revoked(fault, finding);
            case EvidenceResult.Verified verified -> {
                Keys keys = new Keys(verified.endorsementKey(), verified.leaseKey());
                if (!keys.equals(asked.keys())) {
                    yield new Revoked(
                            EvidenceFault.CREDENTIAL_FAILED,
                            "the quote is of another key than the one that opened the secret");
                }
                yield new Admitted(
                        keys,
                        quoted(
                                verified.attestation(),
                                asked.quoted().sequence() + 1,
                                checked.askedAt()),
                        asked.secret());
            }
        };
    }

    private static Quoted quoted(Attestation attestation, long sequence, Instant at) {
        return new Quoted(sequence, attestation.clock(), at);
    }

    private static EvidenceFault fault(Nonces.Use use) {
        return switch (use) {
            case EXPIRED -> EvidenceFault.NONCE_EXPIRED;
            case REUSED -> EvidenceFault.NONCE_REUSED;
            case UNKNOWN, GOOD -> EvidenceFault.NONCE_UNKNOWN;
        };
    }

    private static String finding(EvidenceFault fault) {
        return switch (fault) {
            case NONCE_EXPIRED -> "the evidence came later than " + Nonces.LIFETIME;
            case NONCE_REUSED -> "the evidence has been shown before";
            default -> "the evidence is for a nonce that was never given out";
        };
    }

    private LeaseTrust afterProof(Octets proof, Instant now) {
        if (!(this instanceof Granted granted)) {
            return this;
        }
        if (now.isAfter(granted.until())) {
            return late(granted);
        }
        return proof.equals(granted.secret().proof(granted.evidenceDigest()))
                ? new Admitted(granted.keys(), granted.quoted(), granted.secret())
                : new Refused(
                        EvidenceFault.CREDENTIAL_FAILED,
                        "the agent did not open the secret: its lease key is not in the TPM of the"
                                + " endorsement key, or the computer's state has changed");
    }

    private static LeaseTrust late(Granted granted) {
        return new Refused(
                EvidenceFault.CREDENTIAL_FAILED,
                "the agent did not open the secret until " + granted.until());
    }

    private LeaseTrust afterTime(Instant now, TrustTiming timing) {
        return switch (this) {
            case Offered(Octets _, Instant until) when now.isAfter(until) ->
                    new Refused(
                            EvidenceFault.NONCE_EXPIRED,
                            "the agent gave no evidence until " + until);
            case Granted granted when now.isAfter(granted.until()) -> late(granted);
            case Admitted(Keys _, Quoted quoted, JoinSecret _) -> silent(quoted, now, timing);
            case Asked(Keys _, Quoted quoted, JoinSecret _, Octets _) ->
                    silent(quoted, now, timing);
            case Offered _, Verified _, Granted _, Closed _, Refused _, Revoked _ -> this;
        };
    }

    private LeaseTrust silent(Quoted quoted, Instant now, TrustTiming timing) {
        return now.isAfter(quoted.at().plus(timing.silenceMax()))
                ? new Revoked(
                        EvidenceFault.REATTEST_TIMEOUT, "the last good quote is of " + quoted.at())
                : this;
    }
}
