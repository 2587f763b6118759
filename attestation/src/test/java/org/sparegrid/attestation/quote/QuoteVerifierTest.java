// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.quote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparegrid.attestation.tpm.Attestation;
import org.sparegrid.attestation.tpm.ClockInfo;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.tpm.Hierarchy;
import org.sparegrid.attestation.tpm.ObjectAttributes;
import org.sparegrid.attestation.tpm.PcrSelection;
import org.sparegrid.attestation.tpm.PcrValues;
import org.sparegrid.attestation.tpm.PublicArea;
import org.sparegrid.attestation.tpm.SignedQuote;
import org.sparegrid.attestation.tpm.Vectors;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;
import org.sparegrid.testsupport.Property;

class QuoteVerifierTest {
    private static final ClockInfo CLOCK = new ClockInfo(1_000_000, 7, 3, true);

    private static QuoteExpectation expected(PublicArea key, ClockRule clock) {
        return new QuoteExpectation(
                key, Hierarchy.ENDORSEMENT, Vectors.NONCE, Vectors.REGISTERS, clock);
    }

    private static QuoteExpectation expected(PublicArea key) {
        return expected(key, new ClockRule.First());
    }

    private static QuoteResult verify(String quote, String key) throws EvidenceFormatException {
        return QuoteVerifier.verify(
                Vectors.signed(quote), Vectors.values(), expected(Vectors.area(key + ".pub")));
    }

    private static void refused(QuoteResult result, QuoteFault fault, String finding) {
        assertThat(result).isInstanceOf(QuoteResult.Refused.class);
        QuoteResult.Refused refused = (QuoteResult.Refused) result;
        assertThat(refused.finding()).contains(finding);
        assertThat(refused.fault()).as(refused.finding()).isEqualTo(fault);
    }

    private static SoftwareKey key() throws GeneralSecurityException {
        return new SoftwareKey(SoftwareKey.ATTRIBUTES, Octets.EMPTY);
    }

    private static SignedQuote quote(SoftwareKey key, ClockInfo clock)
            throws GeneralSecurityException {
        return key.sign(key.says(Vectors.NONCE, Vectors.values(), clock).toBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ecc", "rsa"})
    void acceptsQuotesOfTpm2Tools(String kind) throws EvidenceFormatException {
        QuoteResult result = verify(kind, kind);
        assertThat(result)
                .isEqualTo(
                        new QuoteResult.Accepted(Attestation.parse(Vectors.file(kind + ".msg"))));
    }

    /// CVE-2024-29038: a key that signs anything signs what looks like a quote but for the magic.
    @Test
    void refusesForgedMagic() throws GeneralSecurityException {
        SoftwareKey key = key();
        byte[] forged = key.says(Vectors.NONCE, Vectors.values(), CLOCK).toBytes();
        forged[0] = 0;
        refused(
                QuoteVerifier.verify(key.sign(forged), Vectors.values(), expected(key.area())),
                QuoteFault.MAGIC,
                "begin with 0x544347");
    }

    @Test
    void refusesKeysThatSignAnything() throws GeneralSecurityException {
        long[] unfit = {
            SoftwareKey.ATTRIBUTES & ~ObjectAttributes.RESTRICTED,
            SoftwareKey.ATTRIBUTES & ~ObjectAttributes.FIXED_TPM,
            SoftwareKey.ATTRIBUTES & ~ObjectAttributes.FIXED_PARENT,
            SoftwareKey.ATTRIBUTES & ~ObjectAttributes.SENSITIVE_DATA_ORIGIN,
            SoftwareKey.ATTRIBUTES & ~ObjectAttributes.SIGN,
            SoftwareKey.ATTRIBUTES | ObjectAttributes.DECRYPT,
        };
        for (long attributes : unfit) {
            SoftwareKey key = new SoftwareKey(attributes, Octets.EMPTY);
            refused(
                    QuoteVerifier.verify(quote(key, CLOCK), Vectors.values(), expected(key.area())),
                    QuoteFault.KEY_ATTRIBUTES,
                    "0x" + Long.toHexString(attributes));
        }
    }

    @Test
    void refusesOtherStructuresOfTheSameKey() throws EvidenceFormatException {
        refused(verify("certify", "ecc"), QuoteFault.TYPE, "type 0x8017");
    }

    /// CVE-2024-29039: a quote over a register that anybody sets, passed off as one over others.
    @Test
    void refusesRelabelledSelection() throws EvidenceFormatException {
        refused(
                verify("register16", "ecc"),
                QuoteFault.SELECTION,
                "covers [sha256:16], expected [sha256:0,7,11,15]");
    }

    @Test
    void refusesRegistersThatSoftwareResets() throws EvidenceFormatException {
        QuoteExpectation asked =
                new QuoteExpectation(
                        Vectors.area("ecc.pub"),
                        Hierarchy.ENDORSEMENT,
                        Vectors.NONCE,
                        PcrSelection.of(HashAlgorithm.SHA256, 16),
                        new ClockRule.First());
        refused(
                QuoteVerifier.verify(Vectors.signed("register16"), Vectors.values(), asked),
                QuoteFault.RESETTABLE,
                "asked for sha256:16");
    }

    @Test
    void refusesAnotherNonce() throws EvidenceFormatException {
        QuoteExpectation asked =
                new QuoteExpectation(
                        Vectors.area("ecc.pub"),
                        Hierarchy.ENDORSEMENT,
                        Octets.repeated(1, 32),
                        Vectors.REGISTERS,
                        new ClockRule.First());
        refused(
                QuoteVerifier.verify(Vectors.signed("ecc"), Vectors.values(), asked),
                QuoteFault.BINDING,
                "made for 000102030405060708090a0b0c0d0e0f");
    }

    @Test
    void refusesAnotherKey() throws EvidenceFormatException {
        refused(verify("ecc", "child"), QuoteFault.SIGNATURE, "not of key 000b8ec8bf");
    }

    /// The key is right and its signature too, but it hangs under another key, where the TPM hides
    /// its reset counter and where the buyer's challenge would not know it.
    @Test
    void refusesKeysFromElsewhereInTheTpm() throws EvidenceFormatException {
        refused(verify("child", "child"), QuoteFault.SIGNER, "not a primary key");
        QuoteExpectation owner =
                new QuoteExpectation(
                        Vectors.area("ecc.pub"),
                        Hierarchy.OWNER,
                        Vectors.NONCE,
                        Vectors.REGISTERS,
                        new ClockRule.First());
        refused(
                QuoteVerifier.verify(Vectors.signed("ecc"), Vectors.values(), owner),
                QuoteFault.SIGNER,
                "hierarchy OWNER");
    }

    @Test
    void refusesChangedMissingAndAddedValues() throws EvidenceFormatException {
        PublicArea key = Vectors.area("ecc.pub");
        TreeMap<Integer, Octets> changed = new TreeMap<>(Vectors.values().values());
        changed.put(11, Octets.repeated(0, 32));
        refused(
                QuoteVerifier.verify(
                        Vectors.signed("ecc"),
                        new PcrValues(HashAlgorithm.SHA256, changed),
                        expected(key)),
                QuoteFault.VALUES,
                "not those quoted");
        TreeMap<Integer, Octets> missing = new TreeMap<>(Vectors.values().values());
        missing.remove(11);
        refused(
                QuoteVerifier.verify(
                        Vectors.signed("ecc"),
                        new PcrValues(HashAlgorithm.SHA256, missing),
                        expected(key)),
                QuoteFault.SELECTION,
                "the values are of sha256:0,7,15");
        TreeMap<Integer, Octets> added = new TreeMap<>(Vectors.values().values());
        added.put(12, Octets.repeated(0, 32));
        refused(
                QuoteVerifier.verify(
                        Vectors.signed("ecc"),
                        new PcrValues(HashAlgorithm.SHA256, added),
                        expected(key)),
                QuoteFault.SELECTION,
                "sha256:0,7,11,12,15");
    }

    @Test
    void refusesATpmThatDidNotRunOn() throws GeneralSecurityException {
        SoftwareKey key = key();
        ClockInfo[] broken = {
            new ClockInfo(2_000_000, 8, 3, true), // reset
            new ClockInfo(2_000_000, 7, 4, true), // resumed
            new ClockInfo(2_000_000, 6, 3, true), // restored from before
            new ClockInfo(999_999, 7, 3, true), // set back
            new ClockInfo(2_000_000, 7, 3, false),
        };
        for (ClockInfo clock : broken) {
            refused(
                    QuoteVerifier.verify(
                            quote(key, clock),
                            Vectors.values(),
                            expected(key.area(), new ClockRule.Continues(CLOCK))),
                    QuoteFault.CLOCK,
                    "clock");
        }
        ClockInfo later = new ClockInfo(1_000_001, 7, 3, true);
        assertThat(
                        QuoteVerifier.verify(
                                quote(key, later),
                                Vectors.values(),
                                expected(key.area(), new ClockRule.Continues(CLOCK))))
                .isInstanceOf(QuoteResult.Accepted.class);
    }

    @Test
    void refusesTwoBanks() throws GeneralSecurityException {
        SoftwareKey key = key();
        Attestation one = key.says(Vectors.NONCE, Vectors.values(), CLOCK);
        Attestation two =
                new Attestation(
                        one.qualifiedSigner(),
                        one.extraData(),
                        one.clock(),
                        one.firmwareVersion(),
                        java.util.List.of(
                                Vectors.REGISTERS, PcrSelection.of(HashAlgorithm.SHA1, 0)),
                        one.pcrDigest());
        refused(
                QuoteVerifier.verify(
                        key.sign(two.toBytes()), Vectors.values(), expected(key.area())),
                QuoteFault.SELECTION,
                "sha1:0");
    }

    @Test
    void asksNothingThatProvesNothing() throws EvidenceFormatException {
        PublicArea key = Vectors.area("ecc.pub");
        assertThatThrownBy(() ->
                        new QuoteExpectation(
                                key,
                                Hierarchy.ENDORSEMENT,
                                Vectors.NONCE,
                                PcrSelection.of(HashAlgorithm.SHA1, 0),
                                new ClockRule.First()))
                .hasMessageContaining("better than SHA-1");
        assertThatThrownBy(() ->
                        new QuoteExpectation(
                                key,
                                Hierarchy.ENDORSEMENT,
                                Octets.EMPTY,
                                Vectors.REGISTERS,
                                new ClockRule.First()))
                .hasMessageContaining("at least 16 bytes");
    }

    @Test
    void refusesEveryTruncationAndTrailingBytes() throws EvidenceFormatException {
        PublicArea key = Vectors.area("ecc.pub");
        SignedQuote whole = Vectors.signed("ecc");
        for (int length = 0; length <= 140; length++) {
            if (length == whole.attestation().length()) {
                continue;
            }
            SignedQuote cut =
                    new SignedQuote(
                            Octets.of(Arrays.copyOf(whole.attestation().toBytes(), length)),
                            whole.signature());
            refused(
                    QuoteVerifier.verify(cut, Vectors.values(), expected(key)),
                    QuoteFault.FORMAT,
                    "quote: expected");
        }
        for (int length = 0; length < whole.signature().length(); length++) {
            SignedQuote cut =
                    new SignedQuote(
                            whole.attestation(),
                            Octets.of(Arrays.copyOf(whole.signature().toBytes(), length)));
            refused(
                    QuoteVerifier.verify(cut, Vectors.values(), expected(key)),
                    QuoteFault.FORMAT,
                    "signature: expected");
        }
    }

    @Test
    void acceptsNoQuoteWithOneOtherBit() throws EvidenceFormatException {
        for (String kind : new String[] {"ecc", "rsa"}) {
            PublicArea key = Vectors.area(kind + ".pub");
            SignedQuote whole = Vectors.signed(kind);
            for (int bit = 0; bit < whole.attestation().length() * 8; bit++) {
                byte[] changed = whole.attestation().toBytes();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                SignedQuote other = new SignedQuote(Octets.of(changed), whole.signature());
                assertThat(QuoteVerifier.verify(other, Vectors.values(), expected(key)))
                        .isInstanceOf(QuoteResult.Refused.class);
            }
        }
    }

    @Test
    void neverFailsOtherwiseOnAnyBytes() throws EvidenceFormatException {
        PublicArea key = Vectors.area("ecc.pub");
        Property.holds(
                5_000,
                random -> {
                    byte[] message = Vectors.file("ecc.msg");
                    byte[] signature = new byte[random.nextInt(90)];
                    random.nextBytes(signature);
                    message[random.nextInt(message.length)] = (byte) random.nextInt();
                    SignedQuote any = new SignedQuote(Octets.of(message), Octets.of(signature));
                    assertThat(QuoteVerifier.verify(any, Vectors.values(), expected(key)))
                            .isInstanceOf(QuoteResult.Refused.class);
                });
    }
}
