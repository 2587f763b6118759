// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.sparegrid.attestation.certificate.Certificates;
import org.sparegrid.attestation.certificate.ChainResult;
import org.sparegrid.attestation.certificate.ChainValidator;
import org.sparegrid.attestation.certificate.EcdsaKey;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// Follows a quote from its signature to Intel's root.
///
/// The attestation key signs the domain's statement; the quoting enclave's report names that key;
/// the platform's key signs that report; Intel's root stands at the end of its chain. Whether the
/// platform is up to date is for [TdxTcb], and whether that is good enough for a policy.
public final class TdxVerifier {
    private static final List<String> PLATFORM_ISSUERS =
            List.of("Intel SGX PCK Platform CA", "Intel SGX PCK Processor CA");

    /// What came of checking a quote.
    public sealed interface Result {
        /// The quote is what the quoting enclave of a genuine platform said.
        ///
        /// @param path from the platform's key to the root
        record Verified(
                TdxQuote quote,
                PckExtensions platform,
                List<X509Certificate> path,
                ChainResult.Revocation revocation)
                implements Result {
            public Verified {
                path = List.copyOf(path);
            }
        }

        /// The quote is not believed.
        record Refused(TdxRefusal refusal) implements Result {}
    }

    private TdxVerifier() {}

    /// Checks a quote at the time `at`.
    ///
    /// @param validator with Intel's root
    public static Result verify(byte[] quote, ChainValidator validator, Instant at) {
        try {
            return verify(TdxQuote.parse(quote), validator, at);
        } catch (EvidenceFormatException malformed) {
            return refused(TdxRefusal.Code.FORMAT, malformed.getMessage() + "");
        }
    }

    private static Result verify(TdxQuote quote, ChainValidator validator, Instant at)
            throws EvidenceFormatException {
        byte[] bytes = quote.bytes().toBytes();
        byte[] key = quote.attestationKey().toBytes();
        EcdsaKey attestationKey =
                EcdsaKey.of(
                        EcdsaKey.Curve.P256,
                        Arrays.copyOf(key, 32),
                        Arrays.copyOfRange(key, 32, 64));
        if (!signed(attestationKey, bytes, quote.signedLength(), quote.signature())) {
            return refused(
                    TdxRefusal.Code.SIGNATURE, "the quote is not signed by its attestation key");
        }
        if (!quote.quotingEnclave().reportData().equals(keyBinding(quote))) {
            return refused(
                    TdxRefusal.Code.KEY_BINDING,
                    "the quoting enclave's report names another attestation key");
        }
        X509Certificate leaf = quote.chain().getFirst();
        Optional<EcdsaKey> platformKey =
                EcdsaKey.of(leaf.getPublicKey()).filter(any -> any.curve() == EcdsaKey.Curve.P256);
        byte[] enclave = quote.quotingEnclave().signed().toBytes();
        if (platformKey.isEmpty()
                || !signed(platformKey.get(), enclave, enclave.length, quote.enclaveSignature())) {
            return refused(
                    TdxRefusal.Code.ENCLAVE_SIGNATURE,
                    "the quoting enclave's report is not signed by the platform's key");
        }
        return switch (validator.validate(leaf, quote.chain(), at)) {
            case ChainResult.Refused(var fault, var reason) ->
                    refused(TdxRefusal.Code.CHAIN, fault + ": " + reason);
            case ChainResult.Trusted trusted -> platform(quote, trusted);
        };
    }

    private static Result platform(TdxQuote quote, ChainResult.Trusted trusted)
            throws EvidenceFormatException {
        if (!trusted.path().equals(quote.chain())) {
            return refused(
                    TdxRefusal.Code.CHAIN, "the quote brings another chain than the one believed");
        }
        if (Certificates.commonName(trusted.path().get(1))
                .filter(PLATFORM_ISSUERS::contains)
                .isEmpty()) {
            return refused(
                    TdxRefusal.Code.CHAIN, "the platform's key was issued by another authority");
        }
        return new Result.Verified(
                quote,
                PckExtensions.of(trusted.path().getFirst()),
                trusted.path(),
                trusted.revocation());
    }

    private static boolean signed(EcdsaKey key, byte[] message, int length, Octets signature) {
        byte[] both = signature.toBytes();
        return key.signed(
                message, 0, length, Arrays.copyOf(both, 32), Arrays.copyOfRange(both, 32, 64));
    }

    private static Octets keyBinding(TdxQuote quote) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(quote.attestationKey().toBytes());
            sha256.update(quote.authenticationData().toBytes());
            return Octets.of(Arrays.copyOf(sha256.digest(), 64));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static Result refused(TdxRefusal.Code code, String reason) {
        return new Result.Refused(new TdxRefusal(code, reason));
    }
}
