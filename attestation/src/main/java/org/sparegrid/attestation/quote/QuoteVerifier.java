// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.quote;

import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.KeyMaterial;
import org.sparegrid.attestation.tpm.ObjectAttributes;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.Scheme;
import org.sparegrid.attestation.tpm.SignatureCheck;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.tpm.TpmSignature;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Checks quotes. Pure: reads no clock, file or network.
///
/// What was quoted is taken from the signed bytes alone; nothing that merely came along says which
/// registers a digest is of.
public final class QuoteVerifier {
    private static final long WANTED =
            ObjectAttributes.FIXED_TPM
                    | ObjectAttributes.FIXED_PARENT
                    | ObjectAttributes.SENSITIVE_DATA_ORIGIN
                    | ObjectAttributes.RESTRICTED
                    | ObjectAttributes.SIGN;

    private static final int FIRST_RESETTABLE = 16;
    private static final int RESETTABLE = 0xff_0000; // 16 and 23 by anybody, 17 to 22 by DRTM

    private QuoteVerifier() {}

    /// Checks a quote and the values of registers that came along.
    public static QuoteResult verify(
            SignedQuote quote, PcrValues values, QuoteExpectation expected) {
        if ((expected.selection().mask() & RESETTABLE) != 0) {
            return refused(
                    QuoteFault.RESETTABLE,
                    "registers from "
                            + FIRST_RESETTABLE
                            + " on can be reset by software; asked for "
                            + expected.selection());
        }
        if (!signsOnlyItsOwn(expected.key())) {
            return refused(
                    QuoteFault.KEY_ATTRIBUTES,
                    "the key's attributes are "
                            + expected.key().attributes()
                            + ", which is not a restricted signing key made in its TPM");
        }
        byte[] bytes = quote.attestation().toBytes();
        try {
            Optional<QuoteResult> notOfTpm = checkHead(bytes);
            if (notOfTpm.isPresent()) {
                return notOfTpm.get();
            }
            Attestation attestation = Attestation.parse(bytes);
            TpmSignature signature = TpmSignature.parse(quote.signature().toBytes());
            if (!SignatureCheck.holds(expected.key(), bytes, signature)) {
                return refused(
                        QuoteFault.SIGNATURE,
                        "the signature is not of key " + expected.key().name());
            }
            return checkContent(attestation, values, expected);
        } catch (EvidenceFormatException malformed) {
            return refused(QuoteFault.FORMAT, malformed.reason());
        }
    }

    /// Whether a TPM lets this key sign only what the TPM itself has made.
    public static boolean signsOnlyItsOwn(PublicArea key) {
        boolean fixedScheme =
                switch (key.material()) {
                    case KeyMaterial.Rsa _ -> key.scheme() instanceof Scheme.RsaSsa;
                    case KeyMaterial.Ecc _ -> key.scheme() instanceof Scheme.EcDsa;
                };
        return fixedScheme
                && key.attributes().has(WANTED)
                && !key.attributes().has(ObjectAttributes.DECRYPT)
                && key.aesKeyBits() == 0;
    }

    private static Optional<QuoteResult> checkHead(byte[] bytes) throws EvidenceFormatException {
        ByteReader in = ByteReader.bigEndian("quote", bytes);
        long magic = in.u32();
        if (magic != Attestation.MAGIC) {
            return Optional.of(
                    refused(
                            QuoteFault.MAGIC,
                            "the signed bytes begin with 0x"
                                    + Long.toHexString(magic)
                                    + ", so a TPM did not make them"));
        }
        int type = in.u16();
        if (type != Attestation.TYPE_QUOTE) {
            return Optional.of(
                    refused(
                            QuoteFault.TYPE,
                            "the TPM signed a structure of type 0x"
                                    + Integer.toHexString(type)
                                    + ", not a quote"));
        }
        return Optional.empty();
    }

    private static QuoteResult checkContent(
            Attestation attestation, PcrValues values, QuoteExpectation expected) {
        if (!attestation
                .qualifiedSigner()
                .equals(expected.key().qualifiedName(expected.hierarchy().handle()))) {
            return refused(
                    QuoteFault.SIGNER,
                    "the key is not a primary key of hierarchy " + expected.hierarchy());
        }
        if (!attestation.extraData().equals(expected.qualifyingData())) {
            return refused(
                    QuoteFault.BINDING,
                    "the quote was made for "
                            + attestation.extraData()
                            + ", expected "
                            + expected.qualifyingData());
        }
        List<PcrSelection> asked = List.of(expected.selection());
        if (!attestation.selections().equals(asked)) {
            return refused(
                    QuoteFault.SELECTION,
                    "the quote covers " + attestation.selections() + ", expected " + asked);
        }
        if (!values.selection().equals(expected.selection())) {
            return refused(
                    QuoteFault.SELECTION,
                    "the values are of " + values.selection() + ", expected " + asked);
        }
        if (!attestation.pcrDigest().equals(values.digest(digestHash(expected.key())))) {
            return refused(QuoteFault.VALUES, "the registers' values are not those quoted");
        }
        return checkClock(attestation, expected.clock());
    }

    private static HashAlgorithm digestHash(PublicArea key) {
        return switch (key.scheme()) {
            case Scheme.RsaSsa(var hash) -> hash;
            case Scheme.EcDsa(var hash) -> hash;
            case Scheme.None() ->
                    throw new IllegalStateException("key: expected a scheme that was checked");
        };
    }

    private static QuoteResult checkClock(Attestation attestation, ClockRule rule) {
        if (!attestation.clock().safe()) {
            return refused(
                    QuoteFault.CLOCK, "the TPM says that its clock may have been later before now");
        }
        if (rule instanceof ClockRule.Continues(var since)
                && !attestation.clock().continues(since)) {
            return refused(
                    QuoteFault.CLOCK,
                    "the TPM did not run on: its clock was "
                            + since
                            + " and is "
                            + attestation.clock());
        }
        return new QuoteResult.Accepted(attestation);
    }

    private static QuoteResult refused(QuoteFault fault, String finding) {
        return new QuoteResult.Refused(fault, finding);
    }
}
